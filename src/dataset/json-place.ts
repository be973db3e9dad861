/** Where the entries of a JSON file stand: in a list, one by one in lines, or as values of an object, the file's own or that under a key of it. */
export type Place = { kind: 'list' } | { kind: 'lines' } | { kind: 'keys'; /** As it is written, with its escapes. */ under?: string }

/** Objects by their keys count as the entries only where they are so many times as many as those of a list beside them. */
const clearlyMore = 4

/**
 * Looks at the beginning of a file and says where its entries stand. A list of objects is taken before objects by their keys; an object under
 * a key whose values are nothing but objects is taken before the file's own, where it is the only such one and has more.
 */
export class EntryPlace {
  readonly #most: number
  #size = 0
  #depth = 0
  #inString = false
  #escaped = false
  #string = ''
  #lineBegins = true
  #root = ''
  #roots = 0
  #last = ''
  /** How many objects there are in lists under the file's keys, and how many are values of its keys. */
  #listed = 0
  #keyed = 0
  /** What the value of a key holds: which bracket, the key, and of an object its values. */
  #child: { sign: string; key: string; objects: number; values: number } | undefined
  readonly #objects: { key: string; objects: number; values: number }[] = []

  /** @param most so many characters are enough, once an entry was seen */
  constructor(most = 1 << 20) {
    this.#most = most
  }

  /** @returns whether no more is needed */
  read(chunk: string): boolean {
    for (const sign of chunk) {
      this.#see(sign)
      if (this.#root === '[' || this.#roots > 1) return true
    }
    this.#size += chunk.length
    return this.#size >= this.#most && this.#listed + this.#keyed > 0
  }

  place(): Place {
    if (this.#roots > 1) return { kind: 'lines' }
    if (this.#root === '[' || this.#keyed === 0 || (this.#listed > 0 && this.#keyed <= clearlyMore * this.#listed)) return { kind: 'list' }
    const holders = this.#objects.filter(({ objects, values }) => objects > 1 && objects >= values)
    const under = holders.length === 1 && holders[0]!.objects > this.#keyed ? holders[0]!.key : undefined
    return { kind: 'keys', ...(under !== undefined && { under }) }
  }

  #see(sign: string): void {
    if (sign === '\n') {
      this.#inString = false
      this.#lineBegins = true
      return
    }
    const lineBegins = this.#lineBegins
    this.#lineBegins = false
    if (this.#inString) return this.#seeInString(sign)
    if (sign === '"') {
      this.#inString = true
      this.#string = ''
    } else if (sign === '{' || sign === '[') this.#seeOpening(sign, lineBegins)
    else if (sign === '}' || sign === ']') this.#depth = Math.max(0, this.#depth - 1)
    else if (sign === ':' && this.#depth === 2 && this.#child?.sign === '{') this.#child.values++
    if (sign.trim() !== '') this.#last = sign
  }

  #seeInString(sign: string): void {
    if (this.#escaped) this.#escaped = false
    else if (sign === '\\') this.#escaped = true
    else if (sign === '"') this.#inString = false
    if (this.#inString && this.#depth === 1) this.#string += sign
  }

  #seeOpening(sign: string, lineBegins: boolean): void {
    // A line that begins with an object, where none is awaited, is the next of JSON Lines: the one before was broken.
    if (lineBegins && sign === '{' && this.#root === '{' && !',[{:'.includes(this.#last)) this.#depth = 0
    // The value of a key is no further one, though a bracket too many stands before it.
    if (this.#depth === 0 && this.#root !== '' && ',:'.includes(this.#last)) this.#depth = 1
    if (this.#depth === 0) {
      this.#root ||= sign
      this.#roots++
    } else if (this.#depth === 1 && this.#root === '{') {
      this.#child = { sign, key: this.#string, objects: 0, values: 0 }
      if (sign === '{') {
        this.#keyed++
        this.#objects.push(this.#child)
      }
    } else if (this.#depth === 2 && sign === '{' && this.#child) {
      if (this.#child.sign === '[') this.#listed++
      else this.#child.objects++
    }
    this.#depth++
  }
}
