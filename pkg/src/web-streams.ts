/** Iterations as the platform's Web Streams. */

/** A readable stream that takes a step of the iteration when it is asked for more. */
export function readableOf<T>(values: AsyncIterator<T, unknown>): ReadableStream<T> {
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const step = await values.next();
        if (step.done === true) controller.close();
        else controller.enqueue(step.value);
      },
      async cancel() {
        await values.return?.();
      },
    },
    // Nothing is read ahead: the iteration does so where it is of use.
    { highWaterMark: 0 },
  );
}
