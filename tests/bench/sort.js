// Sorts numbers, strings and objects, with and without a comparison of our own, then looks
// things up again: the arrays of ordinary programs.
'use strict';

const measure = require('./measure.js');

const size = 20000;
let seed = 99;
const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0);
const numbers = Array.from({ length: size }, random);
const doubles = Float64Array.from(numbers, (n) => n / 7);
const strings = numbers.map((n) => n.toString(36));
const objects = numbers.map((n, i) => ({ key: n % 1000, index: i, text: strings[i] }));

function heapSort(list) {
  const heap = list.slice();
  const sink = (at, end) => {
    for (let child; (child = 2 * at + 1) < end; at = child) {
      if (child + 1 < end && heap[child] < heap[child + 1]) child++;
      if (heap[at] >= heap[child]) break;
      [heap[at], heap[child]] = [heap[child], heap[at]];
    }
  };
  for (let i = heap.length >> 1; i-- > 0;) sink(i, heap.length);
  for (let end = heap.length - 1; end > 0; end--) {
    [heap[0], heap[end]] = [heap[end], heap[0]];
    sink(0, end);
  }
  return heap;
}

measure('sort', 25, () => {
  const byNumber = numbers.toSorted((a, b) => a - b);
  const byText = strings.toSorted();
  const byKey = objects.toSorted((a, b) => a.key - b.key || (a.text < b.text ? -1 : 1));
  const typed = doubles.toSorted();
  const heap = heapSort(numbers);
  if (heap[size >> 1] !== byNumber[size >> 1]) throw new Error('the sorts differ');
  const groups = new Map();
  for (const { key, index } of byKey) groups.set(key, (groups.get(key) ?? 0) + index);
  return byNumber[7] + byText[7].length + byKey[7].index + Math.trunc(typed[7]) + groups.size;
});
