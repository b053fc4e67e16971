// @ts-check
/** Theme, colours and tint: kept in cookies, so that the first paint has them already. */

const NAMES = ["theme", "palette", "flash"];
const YEAR_S = 31_536_000;

export class Preferences {
  connect() {
    for (const name of NAMES) {
      const group = document.querySelector(`[data-preference="${name}"]`);
      const now = document.documentElement.dataset[name];
      const input = group?.querySelector(`input[value="${now}"]`);
      if (input instanceof HTMLInputElement) input.checked = true;
      group?.addEventListener("change", (event) => {
        if (event.target instanceof HTMLInputElement) keep(name, event.target.value);
      });
    }
  }
}

/** @param {string} name @param {string} value */
function keep(name, value) {
  document.documentElement.dataset[name] = value;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
  dispatchEvent(new CustomEvent("displaychange"));
}
