/**
 * Offset at which text stops being JSON (its length when it ends too early).
 * V8 names the position in some of its messages only, and people need a column in all of them.
 */
export function jsonErrorOffset(text: string): number {
  let at = 0
  const skip = () => {
    while (at < text.length && ' \t\n\r'.includes(text[at]!)) at++
  }
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) at += match[0].length
    return match !== null
  }
  /** Each entry is the bracket that closes what is open. */
  const open: string[] = []
  let state: 'value' | 'key or end' | 'key' | 'value or end' | 'after' = 'value'
  for (;;) {
    skip()
    const char = text[at]
    if (state === 'after') {
      if (open.length === 0 || char === undefined) return at
      if (char === ',') state = open.at(-1) === '}' ? 'key' : 'value'
      else if (char === open.at(-1)) open.pop()
      else return at
      at++
    } else if (state.endsWith('or end') && char === open.at(-1)) {
      open.pop()
      at++
      state = 'after'
    } else if (state.startsWith('key')) {
      if (!string()) return at
      skip()
      if (text[at] !== ':') return at
      at++
      state = 'value'
    } else if (char === '{' || char === '[') {
      open.push(char === '{' ? '}' : ']')
      at++
      state = char === '{' ? 'key or end' : 'value or end'
    } else if (char === '"') {
      if (!string()) return at
      state = 'after'
    } else if (take(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y)) state = 'after'
    else return at
  }

  function string(): boolean {
    if (text[at] !== '"') return false
    at++
    take(/(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y)
    if (text[at] !== '"') return false
    at++
    return true
  }
}
