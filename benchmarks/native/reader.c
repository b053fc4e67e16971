/* A load reader for WebSocket servers: many connections, one epoll loop, next to no cost per frame.
 *
 * usage: reader HOST PORT PATH CLIENTS MESSAGES PROGRESS ACK_EVERY SAMPLE STAMP_KEY LEADING_MS READY NETWORK
 *   MESSAGES   file: a line per class of client, its messages separated by tabs; client i sends line i % lines
 *   PROGRESS   file mapped and kept up to date (struct progress), so that a publisher can hold a bounded lag
 *   ACK_EVERY  data frames per acknowledgement, 0: never; a remainder is acknowledged after 250 ms
 *   SAMPLE     the first so many clients count rows and latencies
 *   STAMP_KEY  text before a monotonic time in microseconds, quoted in the row (such as "bid_qty":"), or -
 *   LEADING_MS a frame so long after the connection's last one began a new burst: kept apart
 *   READY      data: a client is ready after its first row; open: after the handshake
 *   NETWORK    clients come from 127.NETWORK.0.1 and so on, forty an address
 * Prints "ready"; then reads commands: reset, report (one line of JSON), quit.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 18, MOST_SAMPLES = 1 << 22 };

struct progress { volatile uint64_t frames, bytes, seq_sum, rows, sampled_frames, closed; };

struct client {
    int fd, ready, sampled;
    char *kept; size_t have, room;
    uint64_t seq, last_ns, unacked_since_ns;
    long frame, acked;
};

static struct progress *progress;
static struct client *clients;
static int count, ready_count, ack_every, epoll_fd, wait_for_data;
static const char *stamp_key; static size_t stamp_len;
static uint64_t leading_ns;
static uint32_t *every, *leading; static size_t every_n, leading_n;
static uint64_t base_frames, base_bytes, base_rows, base_sampled, started_ns;
static int first_close_code, asked;
static unsigned network;

static uint64_t now_ns(void) {
    struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what) { fprintf(stderr, "reader: %s: %s\n", what, strerror(errno)); exit(1); }

static void send_frame(struct client *c, int opcode, const char *text, size_t n) {
    static char out[1 << 20]; size_t at = 2;
    if (n > sizeof out - 16) { errno = EMSGSIZE; die("message"); }
    out[0] = (char)(0x80 | opcode);
    if (n < 126) out[1] = (char)(0x80 | n);
    else if (n < 65536) { out[1] = (char)(0x80 | 126); out[2] = (char)(n >> 8); out[3] = (char)n; at = 4; }
    else { out[1] = (char)(0x80 | 127); for (int i = 0; i < 8; i++) out[2 + i] = (char)((uint64_t)n >> (56 - 8 * i)); at = 10; }
    memset(out + at, 0, 4); at += 4;              /* a mask of zeros is a legal mask */
    memcpy(out + at, text, n); at += n;
    for (size_t sent = 0; sent < at;) {
        ssize_t k = send(c->fd, out + sent, at - sent, MSG_NOSIGNAL);
        if (k > 0) sent += (size_t)k;
        else if (errno == EAGAIN) usleep(200);
        else return;
    }
}

static void acknowledge(struct client *c) {
    char text[80];
    int n = snprintf(text, sizeof text, "{\"method\":\"ack\",\"params\":{\"frame\":%ld}}", c->frame);
    send_frame(c, 1, text, (size_t)n);
    c->acked = c->frame; c->unacked_since_ns = 0;
}

static void note_latency(struct client *c, const char *text, size_t n, uint64_t now) {
    int first = now - c->last_ns >= leading_ns;
    const char *at = text, *end = text + n;
    while ((at = memmem(at, (size_t)(end - at), stamp_key, stamp_len))) {
        at += stamp_len;
        uint64_t late = now / 1000 - strtoull(at, NULL, 10);
        if (late > 60000000u) continue;           /* not a stamp of this run */
        if (every_n < MOST_SAMPLES) every[every_n++] = (uint32_t)late;
        if (first && leading_n < MOST_SAMPLES) leading[leading_n++] = (uint32_t)late;
    }
}

static void text_frame(struct client *c, const char *text, size_t n, uint64_t now) {
    const char *seq = memmem(text, n, "\"seq\":", 6);
    if (!seq) return;                             /* a reply, a heartbeat */
    uint64_t number = strtoull(seq + 6, NULL, 10);
    progress->seq_sum += number - c->seq; c->seq = number;
    progress->frames++; progress->bytes += n;
    if (!c->ready) { c->ready = 1; ready_count++; }
    if (c->sampled) {
        progress->sampled_frames++;
        for (const char *at = seq; at; at = memmem(at + 6, (size_t)(text + n - at - 6), "\"seq\":", 6)) progress->rows++;
        if (stamp_len && !memmem(text, n < 80 ? n : 80, "\"snapshot\"", 10)) note_latency(c, text, n, now);
    }
    c->last_ns = now;
    const char *frame = ack_every ? memmem(text, n < 160 ? n : 160, "\"frame\":", 8) : NULL;
    if (!frame) return;
    c->frame = strtol(frame + 8, NULL, 10);
    if (!c->unacked_since_ns) c->unacked_since_ns = now;
    if (c->frame - c->acked >= ack_every) acknowledge(c);
}

static void gone(struct client *c) { progress->closed++; epoll_ctl(epoll_fd, EPOLL_CTL_DEL, c->fd, NULL); close(c->fd); c->fd = -1; }

/* Consumes whole frames of the buffer; returns how many bytes it used, or -1 when the peer closed. */
static ssize_t frames(struct client *c, const unsigned char *b, size_t n, uint64_t now) {
    size_t at = 0;
    while (n - at >= 2) {
        size_t head = 2; uint64_t size = b[at + 1] & 127;
        if (size == 126) { if (n - at < 4) break; size = (uint64_t)b[at + 2] << 8 | b[at + 3]; head = 4; }
        else if (size == 127) {
            if (n - at < 10) break;
            size = 0; for (int i = 0; i < 8; i++) size = size << 8 | b[at + 2 + i];
            head = 10;
        }
        if (n - at < head + size) break;
        const char *body = (const char *)b + at + head;
        switch (b[at] & 15) {
            case 1: text_frame(c, body, size, now); break;
            case 9: send_frame(c, 10, body, size); break;
            case 8: if (!first_close_code && size >= 2) first_close_code = (unsigned char)body[0] << 8 | (unsigned char)body[1];
                    return -1;
        }
        at += head + size;
    }
    return (ssize_t)at;
}

static void keep(struct client *c, const char *b, size_t n) {
    if (n > c->room) { c->room = n < 4096 ? 4096 : n * 2; c->kept = realloc(c->kept, c->room); if (!c->kept) die("memory"); }
    memmove(c->kept, b, n); c->have = n;
}

static void readable(struct client *c) {
    static char buffer[BUFFER + (1 << 20)];
    size_t have = c->have;
    if (have > 1 << 20) { gone(c); return; }
    memcpy(buffer, c->kept, have);
    ssize_t k = recv(c->fd, buffer + have, BUFFER, 0);
    if (k < 0 && errno == EAGAIN) return;
    if (k <= 0) { gone(c); return; }
    ssize_t used = frames(c, (unsigned char *)buffer, have + (size_t)k, now_ns());
    if (used < 0) gone(c); else keep(c, buffer + used, have + (size_t)k - (size_t)used);
}

static void handshake(struct client *c, const char *host, int port, const char *path) {
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    /* A server may limit the sockets of one address. */
    struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001u + network * 65536u + (unsigned)((c - clients) / 40)) };
    inet_pton(AF_INET, host, &to.sin_addr);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
    if (bind(c->fd, (struct sockaddr *)&from, sizeof from)) die("bind");
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to)) die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    char text[1024], got[4096]; size_t have = 0;
    int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: %s:%d\r\nOrigin: http://%s:%d\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path, host, port, host, port);
    if (send(c->fd, text, (size_t)n, MSG_NOSIGNAL) != n) die("handshake");
    for (;;) {
        ssize_t k = recv(c->fd, got + have, sizeof got - have - 1, 0);
        if (k <= 0) die("handshake");
        have += (size_t)k; got[have] = 0;
        char *end = strstr(got, "\r\n\r\n");
        if (!end) continue;
        if (strncmp(got, "HTTP/1.1 101", 12)) { fprintf(stderr, "reader: refused: %.200s\n", got); exit(1); }
        keep(c, end + 4, have - (size_t)(end + 4 - got));
        return;
    }
}

static void serve_once(int wait_ms) {
    struct epoll_event events[512];
    int n = epoll_wait(epoll_fd, events, 512, wait_ms);
    asked = 0;
    for (int i = 0; i < n; i++) if (events[i].data.ptr) readable(events[i].data.ptr); else asked = 1;
    static uint64_t swept; uint64_t now = now_ns();
    if (!ack_every || now - swept < 50000000u) return;
    swept = now;
    for (int i = 0; i < count; i++)
        if (clients[i].fd >= 0 && clients[i].unacked_since_ns && now - clients[i].unacked_since_ns > 250000000u) acknowledge(&clients[i]);
}

static int by_size(const void *a, const void *b) { uint32_t x = *(uint32_t *)a, y = *(uint32_t *)b; return (x > y) - (x < y); }

static void percentiles(const char *name, uint32_t *values, size_t n) {
    qsort(values, n, sizeof *values, by_size);
    printf(",\"%s\":{\"n\":%zu,\"p50\":%u,\"p99\":%u,\"max\":%u}", name, n, n ? values[n / 2] : 0, n ? values[n - 1 - n / 100] : 0, n ? values[n - 1] : 0);
}

static void report(void) {
    printf("{\"seconds\":%.6f,\"frames\":%lu,\"bytes\":%lu,\"rows\":%lu,\"sampled_frames\":%lu,\"closed\":%lu,\"close_code\":%d",
        (double)(now_ns() - started_ns) / 1e9, progress->frames - base_frames, progress->bytes - base_bytes,
        progress->rows - base_rows, progress->sampled_frames - base_sampled, progress->closed, first_close_code);
    percentiles("latency_us", every, every_n);
    percentiles("leading_us", leading, leading_n);
    printf("}\n"); fflush(stdout);
}

static void reset(void) {
    base_frames = progress->frames; base_bytes = progress->bytes; base_rows = progress->rows;
    base_sampled = progress->sampled_frames; every_n = leading_n = 0; started_ns = now_ns();
}

static int command(void) {
    char text[64]; ssize_t n = read(0, text, sizeof text - 1);
    if (n <= 0) return 0;
    text[n] = 0;
    if (strstr(text, "reset")) { reset(); printf("reset\n"); fflush(stdout); }
    if (strstr(text, "report")) report();
    return !strstr(text, "quit");
}

static char *lines[4096]; static int line_count;

static void read_messages(const char *path) {
    FILE *f = fopen(path, "r"); if (!f) die(path);
    char *line = NULL; size_t room = 0; ssize_t n;
    while (line_count < 4096 && (n = getline(&line, &room, f)) > 0) {
        if (line[n - 1] == '\n') line[n - 1] = 0;
        lines[line_count++] = strdup(line);
    }
    free(line); fclose(f);
}

static void subscribe(struct client *c, int index) {
    if (!line_count) return;
    char *copy = strdup(lines[index % line_count]), *rest = copy, *text;
    while ((text = strsep(&rest, "\t"))) if (*text) send_frame(c, 1, text, strlen(text));
    free(copy);
}

static void open_progress(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    if (fd < 0 || ftruncate(fd, sizeof *progress)) die(path);
    progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (progress == MAP_FAILED) die("mmap");
}

static void open_client(int i, char **argv, int sampled) {
    struct client *c = &clients[i];
    handshake(c, argv[1], atoi(argv[2]), argv[3]);
    c->sampled = i < sampled;
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &(struct epoll_event){ .events = EPOLLIN, .data.ptr = c });
    if (!wait_for_data) { c->ready = 1; ready_count++; }
    if (c->have) { char first[4096]; size_t n = c->have; memcpy(first, c->kept, n);
        ssize_t used = frames(c, (unsigned char *)first, n, now_ns()); if (used > 0) keep(c, first + used, n - (size_t)used); }
}

/* After all handshakes: a server that is busy with updates would answer the later ones slowly. */
static void subscribe_all(void) {
    for (int i = 0; i < count; i++) { if (clients[i].fd >= 0) subscribe(&clients[i], i); serve_once(0); }
}

int main(int argc, char **argv) {
    if (argc != 13) { fprintf(stderr, "reader: expected 12 arguments, see the head of reader.c\n"); return 2; }
    count = atoi(argv[4]); read_messages(argv[5]); open_progress(argv[6]); ack_every = atoi(argv[7]);
    int sampled = atoi(argv[8]);
    stamp_key = argv[9]; stamp_len = strcmp(stamp_key, "-") ? strlen(stamp_key) : 0;
    leading_ns = (uint64_t)(atof(argv[10]) * 1e6); wait_for_data = !strcmp(argv[11], "data");
    network = (unsigned)atoi(argv[12]);
    clients = calloc((size_t)count, sizeof *clients);
    every = malloc(MOST_SAMPLES * sizeof *every); leading = malloc(MOST_SAMPLES * sizeof *leading);
    epoll_fd = epoll_create1(0);
    if (!clients || !every || !leading || epoll_fd < 0) die("start");
    for (int i = 0; i < count; i++) open_client(i, argv, sampled);
    subscribe_all();
    fcntl(0, F_SETFL, O_NONBLOCK);
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &(struct epoll_event){ .events = EPOLLIN, .data.ptr = NULL });
    while (ready_count < count && !progress->closed) serve_once(100);
    printf(progress->closed ? "closed %d\n" : "ready\n", first_close_code); fflush(stdout);
    reset();
    for (;;) {
        serve_once(100);
        if (asked && !command()) return 0;
    }
}
