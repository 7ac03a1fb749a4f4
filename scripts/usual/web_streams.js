// when: library internal/webstreams/readablestream ReadableStream
(async () => {
  const source = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array([97]));
      controller.close();
    },
  });
  for await (const chunk of source.pipeThrough(new TransformStream({
    transform(part, controller) {
      controller.enqueue(part);
    },
  }))) chunk.length;
  await new Response('text').text();
  const reader = new ReadableStream({ pull: (controller) => controller.close() }).getReader();
  await reader.read();
})();
