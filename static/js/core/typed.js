// @ts-check
/** From keys that are pressed one by one to what they mean: a key of ours, two in a row, or the start of a name. Pure. */

/** So long a letter may be the first of a name that is being typed. */
const HOLD_MS = 250;
/** So long the first of two waits for the second. */
const PAIR_MS = 1_000;

/**
 * @typedef {object} Meaning
 * @property {(keys: string) => {id: string, atOnce?: boolean} | undefined} find what these keys mean here and now
 * @property {(keys: string) => boolean} begins whether something longer begins with them
 * @property {(id: string, key: string) => boolean} run false: it was not for us after all
 * @property {(text: string) => boolean} type a name is being typed; false: nobody takes it
 */

export class Typed {
  #clock;
  #meaning;
  #pending = "";
  #then = () => false;
  /** @type {unknown} */
  #timer = null;

  /** @param {import("./clock.js").Clock} clock @param {Meaning} meaning */
  constructor(clock, meaning) {
    this.#clock = clock;
    this.#meaning = meaning;
  }

  /** @param {string} key from {@link import("./keymap.js").pressed} @returns {boolean} whether it was taken */
  press(key) {
    if (key === "Shift" || key === "") return false; // on the way to a capital letter
    const before = this.#pending;
    const letter = /^\p{L}$/u.test(key);
    if (before && !letter) this.#then();
    this.forget();
    const keys = before && letter ? `${before} ${key}` : key;
    const found = this.#meaning.find(keys);
    if (!letter) return found !== undefined && this.#meaning.run(found.id, key);
    if (found && (found.atOnce || before)) return this.#meaning.run(found.id, key);
    if (found) return this.#wait(keys, HOLD_MS, () => this.#meaning.run(found.id, key));
    if (this.#meaning.begins(`${keys} `)) return this.#wait(keys, PAIR_MS, () => false);
    return this.#meaning.type(keys.replaceAll(" ", ""));
  }

  /** What was begun is nothing any more. */
  forget() {
    this.#clock.cancel(this.#timer);
    this.#pending = "";
  }

  /** @param {string} keys @param {number} ms @param {() => boolean} then */
  #wait(keys, ms, then) {
    this.#pending = keys;
    this.#then = then;
    this.#timer = this.#clock.later(() => {
      this.#pending = "";
      then();
    }, ms);
    return true;
  }
}
