import { stripVTControlCharacters } from 'node:util'

/** A line without its indentation. */
export interface Line {
  text: string
  indent: number
}

export type SectionKind = 'intro' | 'usage' | 'commands' | 'options' | 'arguments' | 'inherited' | 'examples' | 'other'

/** The lines of a help text as plain text: no colours, no bold by overstriking (manual pages), no boxes (typer's). */
export function plainLines(text: string): Line[] {
  return stripVTControlCharacters(text.replace(/.\x08/g, ''))
    .split(/\r?\n/)
    .map((written) => {
      const line = written.replace(/^[╭╰][─ ]*(.*?)[─ ]*[╮╯]\s*$/, (_, title: string) => (title ? `${title}:` : '')).replace(/^│(.*?)│?\s*$/, ' $1').replaceAll('\t', '        ').trimEnd()
      return { text: line.trimStart(), indent: line.length - line.trimStart().length }
    })
}

/** What a section is about, by its title. */
export function kindOf(title: string): SectionKind {
  if (/^(usage|synopsis)\b/i.test(title)) return 'usage'
  if (/^(examples?|learn more|see also|environment|exit (code|status)|alias(es)?|authors?|copyright|json fields)\b/i.test(title)) return 'examples'
  if (/inherited|\bglobal\b/i.test(title)) return 'inherited'
  if (/\b(sub)?commands?\b/i.test(title) && !/option|flag/i.test(title)) return 'commands'
  if (/argument|positional/i.test(title)) return 'arguments'
  if (/option|flag/i.test(title)) return 'options'
  return 'other'
}
