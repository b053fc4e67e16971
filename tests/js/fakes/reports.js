/** What is reported while this test runs, as a browser would: Node has no such function. */
export function reports(context) {
  const found = [];
  globalThis.reportError = ({ message }) => found.push(message);
  context.after(() => delete globalThis.reportError);
  return found;
}
