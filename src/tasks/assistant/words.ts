/** Words that carry no topic. */
const empty = new Set(
  `a about after again all also am an and any are as at be been before being but by can cannot could did do does doing done each either else even ever every few for from get gets give given go had has have having he her here his how i if in into is it its just
  know like made make many may me mean might more most much must my need no nor not nothing now of off on once one only or other our out over own please same say she should show so some such take tell than thank thanks that the their them then there these they this those through to too
  under until up upon us use used very was way we were what when where whether which while who whom whose why will with within without would you your`.split(/\s+/),
)

/** A word without the endings by which its forms differ: "decays", "decayed" and "decaying" are one. */
export function stem(word: string): string {
  if (word.length < 4 || /\d/.test(word)) return word
  const cut = word
    .replace(/'s$/, '')
    .replace(/(?:ies|ied)$/, 'y')
    .replace(/(?:sses|shes|ches|xes)$/, (end) => end.slice(0, -2))
    .replace(/([^su])s$/, '$1')
    .replace(/(?:ations?|ating|ated|ates?)$/, 'at')
    .replace(/(?:ing|edly|ed|ly|er|ers|ment|ments)$/, '')
    .replace(/e$/, '')
  const base = cut.replace(/([bdgklmnprt])\1$/, '$1')
  return base.length >= 3 ? base : word
}

/** The words of a text in small letters: dotted, slashed and underscored names whole, and their parts beside them. */
export function wordsIn(text: string): string[] {
  return [...text.toLowerCase().matchAll(/[\p{L}\p{N}_][\p{L}\p{N}_./:'-]*/gu)].flatMap(([found]) => {
    const word = found.replace(/[./:'-]+$/, '')
    const parts = word.split(/[./:_-]+/).filter(Boolean)
    return parts.length > 1 ? [word, ...parts] : [word]
  })
}

/** The stems of the words that carry a topic. */
export const contentWords = (text: string): string[] => wordsIn(text).filter((word) => !empty.has(word)).map(stem)

export const isEmpty = (word: string): boolean => empty.has(word)
