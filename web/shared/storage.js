// @ts-check
/** Local storage that never throws: private windows and blocked cookies fall back to memory for the page's life. */

/** @typedef {{get(key: string): any, set(key: string, value: any): void, remove(key: string): void, keys(): string[]}} Storage_ */

/** @param {string} prefix @returns {Storage_} */
export function openStorage(prefix) {
  const memory = new Map();
  const disk = probe();
  return {
    get(key) {
      const raw = disk ? disk.getItem(prefix + key) : memory.get(key);
      try {
        return raw == null ? null : JSON.parse(raw);
      } catch {
        return null; // written by another version: as good as absent
      }
    },
    set(key, value) {
      const raw = JSON.stringify(value);
      memory.set(key, raw);
      try {
        disk?.setItem(prefix + key, raw);
      } catch {
        // Full: the value lives on in this page's memory only.
      }
    },
    remove(key) {
      memory.delete(key);
      disk?.removeItem(prefix + key);
    },
    keys() {
      const all = disk ? Object.keys(disk).filter((k) => k.startsWith(prefix)).map((k) => k.slice(prefix.length)) : [];
      return [...new Set([...all, ...memory.keys()])];
    },
  };
}

function probe() {
  try {
    const disk = window.localStorage;
    disk.setItem("omo.probe", "1");
    disk.removeItem("omo.probe");
    return disk;
  } catch {
    return null;
  }
}
