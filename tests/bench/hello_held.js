// Prints and then waits, so that the memory of a running process can be read (`./dev bench start`).
console.log('hello world');
setTimeout(() => {}, 120_000);
