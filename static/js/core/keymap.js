// @ts-check
/**
 * Every key of ours, declared once: what is pressed is looked up here, and the list behind `?` is made from it. Pure.
 *
 * `keys` are names as the browser gives them; `g m` are two in a row, `Shift+` goes with keys that have a name, `Mod+` is Ctrl
 * or Cmd. A letter that begins something waits a moment for the next one, so that a name can be typed; not where `atOnce`.
 * @typedef {{id: string, keys: string[], group: string, words: string, atOnce?: boolean, shown?: string}} Binding
 */

/** Stands for every letter that nothing else takes. */
export const ANY_LETTER = "letter";

/** @type {Binding[]} */
export const KEYMAP = [
  { id: "search", keys: ["/", "Mod+k"], group: "Everywhere", words: "Search" },
  { id: "type", keys: [ANY_LETTER], group: "Everywhere", words: "Search for what is typed", shown: "a … z" },
  { id: "go-markets", keys: ["g m"], group: "Everywhere", words: "Markets" },
  { id: "go-options", keys: ["g o"], group: "Everywhere", words: "Options" },
  { id: "go-watchlists", keys: ["g w"], group: "Everywhere", words: "Watchlists" },
  { id: "go-portfolios", keys: ["g p"], group: "Everywhere", words: "Portfolios" },
  { id: "go-status", keys: ["g s"], group: "Everywhere", words: "Status" },
  { id: "go-admin", keys: ["g a"], group: "Everywhere", words: "Admin" },
  { id: "theme", keys: ["t"], group: "Everywhere", words: "Dark or light" },
  { id: "amounts", keys: ["h"], group: "Everywhere", words: "Hide or show amounts" },
  { id: "display", keys: ["g d"], group: "Everywhere", words: "Display" },
  { id: "close", keys: ["Escape"], group: "Everywhere", words: "Close, clear, or leave" },
  { id: "help", keys: ["?"], group: "Everywhere", words: "This list" },

  { id: "next", keys: ["j", "ArrowDown"], group: "Lists", words: "Next instrument", atOnce: true },
  { id: "previous", keys: ["k", "ArrowUp"], group: "Lists", words: "Previous instrument", atOnce: true },
  { id: "open", keys: ["Enter"], group: "Lists", words: "Open it" },
  { id: "star", keys: [" "], group: "Stars", words: "Star it, or take the star off" },

  { id: "arrange", keys: ["e"], group: "Screen", words: "Arrange the panels, or be done" },
  { id: "add-panel", keys: ["a"], group: "Arranging", words: "Add a panel" },
  { id: "screens", keys: ["s"], group: "Arranging", words: "Presets and saved screens" },
  { id: "undo", keys: ["u"], group: "Arranging", words: "Undo" },
  { id: "follow", keys: ["f"], group: "Arranging", words: "Choose whose values the panel shows" },
  { id: "hide-panel", keys: ["Delete"], group: "Arranging", words: "Take the panel away" },
  { id: "move-left", keys: ["ArrowLeft"], group: "Arranging", words: "Move the panel left" },
  { id: "move-right", keys: ["ArrowRight"], group: "Arranging", words: "Move it right" },
  { id: "move-up", keys: ["ArrowUp"], group: "Arranging", words: "Move it up" },
  { id: "move-down", keys: ["ArrowDown"], group: "Arranging", words: "Move it down" },
  { id: "size-narrower", keys: ["Shift+ArrowLeft"], group: "Arranging", words: "Narrower" },
  { id: "size-wider", keys: ["Shift+ArrowRight"], group: "Arranging", words: "Wider" },
  { id: "size-lower", keys: ["Shift+ArrowUp"], group: "Arranging", words: "Lower" },
  { id: "size-higher", keys: ["Shift+ArrowDown"], group: "Arranging", words: "Higher" },

  { id: "interval", keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"], group: "Chart", words: "Interval, from the shortest", shown: "1 … 9" },
];

/** @type {Record<string, string>} */
const NAMES = { " ": "Space", Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Delete: "Del", Shift: "Shift" };

/** The keys of a binding as they are printed: one list of caps for each way. @param {Binding} binding @param {boolean} apple @returns {string[][]} */
export function caps({ keys, shown }, apple) {
  if (shown) return [[shown]];
  return keys.map((key) => {
    const parts = key === " " ? [key] : key.split(/[ +]/);
    return parts.map((part) => NAMES[part] ?? (part === "Mod" ? (apple ? "⌘" : "Ctrl") : part.length === 1 && parts[0] === "Mod" ? part.toUpperCase() : part));
  });
}

/**
 * What was pressed, as it is written above; nothing for what belongs to the browser.
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean}} event
 */
export function pressed({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (altKey || (ctrlKey && metaKey)) return "";
  if (ctrlKey || metaKey) return shiftKey ? "" : `Mod+${key.toLowerCase()}`;
  return shiftKey && key.length > 1 ? `Shift+${key}` : key;
}
