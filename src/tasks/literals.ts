const abbreviations = /^(?:and\/or|w\/o|n\/a|e\.g|i\.e)\.?$/i

/** What in a text can only be a value: what stands in quotes, and words with a digit or a sign inside (a number, a path, a version). */
export function literals(instruction: string): string[] {
  const found: string[] = []
  const unquoted = instruction.replace(/"([^"]+)"|`([^`]+)`|\B'([^']+)'\B/g, (_all, ...texts: (string | undefined)[]) => {
    found.push(texts.slice(0, 3).find((text) => text !== undefined)!)
    return ' '
  })
  for (const [word] of unquoted.matchAll(/\S+/g)) {
    const core = word.replace(/^--?[\w-]+=|^[(#[@:,;]+|(?:['’]s)?[),.:;!?\]]*$/g, '')
    if ((/\d/.test(core) || /\w[/_.@:=]\w/.test(core)) && !abbreviations.test(core)) found.push(core)
  }
  return found
}
