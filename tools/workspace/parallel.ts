/** Runs `work` on every item, `width` at a time; results in the order of the items. */
export const inParallel = async <A, B>(
  items: readonly A[],
  width: number,
  work: (item: A) => Promise<B>
): Promise<readonly B[]> => {
  const results = new Map<number, B>()
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results.set(index, await work(item))
  }
  await Promise.all(Array.from({ length: width }, worker))
  return items.flatMap((_, index) => (results.has(index) ? [results.get(index) as B] : []))
}
