export let counter = 0;
export const three = 3;
export function add(x) { return (x + 1) | 0; }
export function set(value) { counter = value; }
