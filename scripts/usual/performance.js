// when: library internal/perf/performance now
// when: library internal/perf/performance mark
const start = performance.now();
performance.mark('a');
performance.measure('b', 'a');
performance.timeOrigin + start > 0;
