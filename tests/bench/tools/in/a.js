"use strict";

const limits = { lines: 80, columns: 120 };

/** Splits a text into lines that are not longer than the limit. */
function split(text, limit = limits.columns) {
  const lines = [];
  for (const line of text.split("\n")) {
    let rest = line;
    while (rest.length > limit) {
      lines.push(rest.slice(0, limit));
      rest = rest.slice(limit);
    }
    lines.push(rest);
  }
  return lines;
}

class Page {
  #lines = [];

  get full() {
    return this.#lines.length >= limits.lines;
  }

  add(text) {
    for (const line of split(text)) {
      if (!this.full) this.#lines.push(line);
    }
    return this;
  }

  toString() {
    return this.#lines.map((line, number) => `${number + 1}: ${line}`).join("\n");
  }
}

module.exports = { Page, split };
