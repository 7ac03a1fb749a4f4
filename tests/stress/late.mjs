export const sum = (count) => Array.from({ length: count }, (_, i) => i).reduce((a, b) => a + b, 0);
