import { tableOf } from '../text.ts'

const small = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ')
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')
const exact = tableOf({ a: 1, an: 1, single: 1, couple: 2, pair: 2, dozen: 12, first: 1, second: 2, third: 3, once: 1, twice: 2, both: 2 })

/** All whole numbers that a text gives, in digits (1,000 and 10k too) or in English words up to 999,999. */
export function numbersIn(text: string): Set<number> {
  const found = new Set<number>()
  for (const [, digits, k] of text.matchAll(/(-?\d{1,3}(?:,\d{3})+|-?\d+)(k\b)?/gi)) {
    const value = Number(digits!.replaceAll(',', ''))
    found.add(value).add(Math.abs(value))
    if (k) found.add(value * 1_000)
  }
  let sum = 0
  let open = false
  for (const word of [...text.toLowerCase().split(/[^a-z]+/), '']) {
    const unit = small.indexOf(word)
    const ten = tens.indexOf(word)
    if (unit >= 0) sum = open && sum % 10 === 0 ? sum + unit : unit
    else if (ten >= 0) sum = (open && sum % 100 === 0 ? sum : 0) + (ten + 2) * 10
    else if (word === 'hundred') sum = (sum || 1) * 100
    else if (word === 'thousand') sum = (sum || 1) * 1_000
    else if (word in exact && !open) {
      found.add(exact[word]!)
      if (word === 'dozen' || word === 'couple') continue
      sum = word === 'a' || word === 'an' ? 1 : 0
      continue
    } else if (word === 'and' && open) continue
    else {
      sum = 0
      open = false
      continue
    }
    open = true
    found.add(sum)
  }
  return found
}
