/* The floor: one send() per client and message, nothing else.
 *
 * usage: sendloop PORT FEED_PORT
 * WebSocket clients connect to PORT; one feeder connects to FEED_PORT and sends messages, a line each.
 * What clients send is read and thrown away. A client whose socket is full misses the message.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 4096, ROOM = 1 << 20 };
static int fds[MOST], clients, epoll_fd;
static const char REPLY[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    /* the answer to the sample key of RFC 6455 section 1.3, which the reader sends */
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static int listen_on(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, MOST)) { perror("sendloop"); exit(1); }
    return fd;
}

static void watch(int fd) {
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &(struct epoll_event){ .events = EPOLLIN, .data.fd = fd });
}

static void welcome(int listener) {
    char request[4096];
    int fd = accept(listener, NULL, NULL);
    if (fd < 0 || clients == MOST) return;
    if (recv(fd, request, sizeof request, 0) <= 0) { close(fd); return; }
    send(fd, REPLY, sizeof REPLY - 1, MSG_NOSIGNAL);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fds[clients++] = fd;
    watch(fd);
}

static void to_all(const char *text, size_t n) {
    static char frame[ROOM + 16];
    size_t head = 2;
    frame[0] = (char)0x81;
    if (n < 126) frame[1] = (char)n;
    else if (n < 65536) { frame[1] = 126; frame[2] = (char)(n >> 8); frame[3] = (char)n; head = 4; }
    else { frame[1] = 127; for (int i = 0; i < 8; i++) frame[2 + i] = (char)((uint64_t)n >> (56 - 8 * i)); head = 10; }
    memcpy(frame + head, text, n);
    for (int i = 0; i < clients; i++) send(fds[i], frame, head + n, MSG_NOSIGNAL);
}

static int feed(int fd) {
    static char kept[ROOM]; static size_t have;
    ssize_t k = recv(fd, kept + have, sizeof kept - have, 0);
    if (k <= 0) return 0;
    have += (size_t)k;
    char *from = kept, *end;
    while ((end = memchr(from, '\n', (size_t)(kept + have - from)))) { to_all(from, (size_t)(end - from)); from = end + 1; }
    have = (size_t)(kept + have - from);
    memmove(kept, from, have);
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 3) { fprintf(stderr, "usage: sendloop PORT FEED_PORT\n"); return 2; }
    int listener = listen_on(atoi(argv[1])), feed_listener = listen_on(atoi(argv[2])), feeder = -1;
    epoll_fd = epoll_create1(0);
    watch(listener); watch(feed_listener);
    for (struct epoll_event e[256];;) {
        int n = epoll_wait(epoll_fd, e, 256, -1);
        for (int i = 0; i < n; i++) {
            char thrown[4096];
            int fd = e[i].data.fd;
            if (fd == listener) welcome(fd);
            else if (fd == feed_listener) watch(feeder = accept(fd, NULL, NULL));
            else if (fd == feeder) { if (!feed(fd)) { close(fd); feeder = -1; } }
            else if (recv(fd, thrown, sizeof thrown, 0) <= 0) epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        }
    }
}
