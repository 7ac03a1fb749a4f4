// mentions: process.exit
// when: library internal/process/per_thread exit
process.on('exit', () => {});
console.log('text');
process.exit(0);
