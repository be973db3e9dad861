/** At most `count` items, spread evenly over the list, its first and its last among them. */
export function thinned<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items]
  if (count < 2) return items.slice(0, Math.max(0, count))
  return Array.from({ length: count }, (_, index) => items[Math.round((index * (items.length - 1)) / (count - 1))]!)
}
