// when: library internal/bootstrap/switches/is_main_thread getStdin
process.stdin.setEncoding('utf8');
process.stdin.on('data', () => {});
process.stdin.on('end', async () => {});
