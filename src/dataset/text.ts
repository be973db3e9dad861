/** Text as duplicates are compared: NFKC, ASCII quotes and dashes, lower case, white space collapsed. */
export function fold(text: string): string {
  let folded = text
  if (/[^\x00-\x7f]/.test(text)) {
    folded = text.normalize('NFKC').replace(/[\u2018\u2019\u201a\u201b]/g, "'").replace(/[\u201c-\u201f]/g, '"').replace(/[\u2010-\u2015\u2212]/g, '-')
  }
  return folded.toLowerCase().replace(/\s+/g, ' ').trim()
}

/** 53-bit hash of a string (cyrb53, public domain): deterministic orders and ids, not security. */
export function hash53(text: string, seed = 0): number {
  let h1 = 0xdeadbeef ^ seed
  let h2 = 0x41c6ce57 ^ seed
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    h1 = Math.imul(h1 ^ c, 2654435761)
    h2 = Math.imul(h2 ^ c, 1597334677)
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909)
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909)
  return 4294967296 * (2097151 & h2) + (h1 >>> 0)
}
