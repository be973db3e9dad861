import { l } from 'js-rouge'

/** How alike two texts are, 0 to 1: figures for answers in words, beside whether they are right. */

/** ROUGE-L (Lin 2004): F1 over the longest common subsequences of words, case ignored. */
export const rougeL = (candidate: string, reference: string): number => (candidate === '' || reference === '' ? 0 : l(candidate, reference, { caseSensitive: false }))

const bleuOrders = 4
/** Stands in for a count of 0 (method 1 of Chen and Cherry 2014): else one missing four-gram would make a short answer worth nothing. */
const smoothed = 0.1

/** BLEU-4 of one text (Papineni et al. 2002) on words and signs in small letters; of a text shorter than four words the orders it has. */
export function bleu(candidate: string, ...references: string[]): number {
  const own = tokens(candidate)
  const others = references.map(tokens)
  if (own.length === 0 || others.length === 0) return 0
  const orders = Math.min(bleuOrders, own.length)
  let logarithms = 0
  for (let n = 1; n <= orders; n++) {
    const counts = grams(own, n)
    const allowed = others.map((reference) => grams(reference, n))
    let matched = 0
    // A word counts as often as the reference that has it most.
    for (const [gram, count] of counts) matched += Math.min(count, Math.max(...allowed.map((reference) => reference.get(gram) ?? 0)))
    if (n === 1 && matched === 0) return 0
    logarithms += Math.log((matched || smoothed) / (own.length - n + 1))
  }
  const nearest = others.map(({ length }) => length).reduce((best, length) => (Math.abs(length - own.length) < Math.abs(best - own.length) || (Math.abs(length - own.length) === Math.abs(best - own.length) && length < best) ? length : best))
  const brevity = own.length > nearest ? 1 : Math.exp(1 - nearest / own.length)
  return brevity * Math.exp(logarithms / orders)
}

const chrfOrders = 6
/** Recall counts so many times as much as precision. */
const chrfBeta = 2

/** chrF2 (Popović 2015) as sacreBLEU has it: character n-grams up to six, white space left out, orders that both texts have. */
export function chrf(candidate: string, reference: string): number {
  const [own, other] = [candidate, reference].map((text) => [...text.replace(/\s+/g, '')]) as [string[], string[]]
  let [precision, recall, orders] = [0, 0, 0]
  for (let n = 1; n <= chrfOrders; n++) {
    const [counts, wanted] = [grams(own, n), grams(other, n)]
    const [had, needed] = [own.length - n + 1, other.length - n + 1]
    if (had < 1 || needed < 1) continue
    let matched = 0
    for (const [gram, count] of counts) matched += Math.min(count, wanted.get(gram) ?? 0)
    precision += matched / had
    recall += matched / needed
    orders++
  }
  if (orders === 0 || precision + recall === 0) return 0
  const [p, r] = [precision / orders, recall / orders]
  return ((1 + chrfBeta ** 2) * p * r) / (chrfBeta ** 2 * p + r)
}

const tokens = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu) ?? []

/** Every run of n items with how often it stands there. */
function grams(items: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (let i = 0; i + n <= items.length; i++) {
    const gram = items.slice(i, i + n).join('\0')
    counts.set(gram, (counts.get(gram) ?? 0) + 1)
  }
  return counts
}
