import { valueFormats } from '../schema.ts'
import type { Line } from './layout.ts'

/** One option of a help text: a flag, or something with a value. */
export interface HelpOption {
  name: string
  short?: string
  description: string
  /** Absent for a flag. */
  value?: HelpValue
}

export interface HelpValue {
  type: 'string' | 'integer' | 'enum'
  values?: string[]
  format?: (typeof valueFormats)[number]
  default?: string
  repeatable: boolean
  /** The value may be left out, so that it is read only behind "=". */
  optional: boolean
}

/** How much further in than "-s, --long" a "--long" alone may stand. */
export const longNameIndent = 6

/** The option or options (`--wait / --no-wait`) whose line this is, with the description that stands beside and below. */
export function optionAt(lines: readonly Line[], at: number): HelpOption[] {
  const { text, indent } = lines[at]!
  const [, spec = '', beside = ''] = /^(-.*?)(?:\s{2,}(.*))?$/.exec(text)!
  const below: string[] = []
  for (const line of lines.slice(at + 1)) {
    if (line.text === '' ? below.length > 0 || beside !== '' : line.indent <= indent || (line.text.startsWith('-') && line.indent <= indent + longNameIndent)) break
    below.push(line.text)
  }
  const description = [beside, ...below].join(' ').replace(/\s+/g, ' ').trim()
  return readSpec(spec, description)
}

/** `-f, --format <FORMAT>`, `--name=NAME`, `-n N, --number N`, `--wait / --no-wait`, kubectl's `--all=false:`. */
function readSpec(spec: string, description: string): HelpOption[] {
  const parts = spec.split(/(?:,\s*|\s+\/\s+|\s*\|\s*|\s+)(?=-{1,2}[\w[?])/).flatMap((part) => {
    const [, dashes, no, name, rest] = /^(-{1,2})(\[no-\])?([A-Za-z0-9][\w.-]*)(.*)$/.exec(part) ?? []
    return name === undefined ? [] : [{ name: name.replace(/\.+$/, ''), long: dashes === '--' || name.length > 1, negatable: no !== undefined, rest: rest!.trim() }]
  })
  const [first] = parts.filter(({ long }) => long)
  // An option of one letter alone cannot be written in a schema.
  if (!first || first.name.length < 2) return []
  const short = parts.find(({ long, name }) => !long && /^[A-Za-z0-9]$/.test(name))?.name
  const placeholder = parts.map(({ rest }) => rest).find((rest) => rest !== '' && rest !== ':') ?? ''
  const value = valueOf(placeholder, description)
  const option: HelpOption = { name: first.name, ...(short && { short }), description: plainDescription(description), ...(value && { value }) }
  const opposite = spec.includes(' / ') ? parts.filter(({ long, name }) => long && name === `no-${first.name}`).map(({ name }) => ({ name, description: plainDescription(description) })) : []
  return [option, ...opposite]
}

const flagTypes = /^(bool|boolean|true|false)$/i
const integerTypes = /^(u?int\d*|integer|n|num|number|count|lines|depth|port|limit|max)$/i
const lists = /^(strings|stringarray|stringslice|ints|intslice|uints|stringtostring|list|map)$/i

/** Undefined for a flag. */
function valueOf(placeholder: string, description: string): HelpValue | undefined {
  const kubectl = /^=(.*):$/.exec(placeholder)
  if (kubectl) return initial(kubectl[1]!, description)
  const optional = /^(=\[|\[=)/.test(placeholder)
  const inner = placeholder.replace(/^[=[\s]+/, '').replace(/[\]\s]+$/, '')
  // A word that no bracket, capital letter or "=" marks, with others behind it, begins the description.
  if (inner === '' || (/\s/.test(inner) && !/^[<{[=]/.test(placeholder.trim()) && !/^[A-Z_]+( [A-Z_.]+)*$/.test(inner))) return undefined
  const word = inner.replace(/^[<{(]+/, '').replace(/[>})]+(\.\.\.)?$/, '').replace(/\.\.\.$/, '')
  if (flagTypes.test(word)) return undefined
  const values = choicesIn(placeholder) ?? choicesIn(description)
  const assumed = defaultIn(description)
  const repeatable = lists.test(word) || /\.\.\./.test(placeholder) || /(can|may) be (passed|used|specified|given|repeated|set|supplied)( multiple times| more than once| repeatedly)|repeatable|multiple times/i.test(description)
  if (values) return { type: 'enum', values, ...(assumed !== undefined && values.includes(assumed) && { default: assumed }), repeatable, optional }
  if (integerTypes.test(word)) return { type: 'integer', ...(assumed !== undefined && /^-?\d+$/.test(assumed) && { default: assumed }), repeatable, optional }
  const format = formatOf(word)
  return { type: 'string', ...(format && { format }), ...(assumed !== undefined && { default: assumed }), repeatable, optional }
}

/** kubectl shows an option by its initial value. */
function initial(text: string, description: string): HelpValue | undefined {
  if (flagTypes.test(text)) return undefined
  const unquoted = text.replace(/^(['"])(.*)\1$/, '$2')
  const values = choicesIn(description)
  const rest = { repeatable: text.startsWith('['), optional: false }
  if (values) return { type: 'enum', values, ...(values.includes(unquoted) && { default: unquoted }), ...rest }
  if (/^-?\d+$/.test(text)) return { type: 'integer', default: text, ...rest }
  const format = /^\d+[smh]/.test(text) ? 'duration' : formatOf('')
  return { type: 'string', ...(format && { format }), ...(unquoted !== '' && !text.startsWith('[') && unquoted.length <= 60 && { default: unquoted }), ...rest }
}

/** A list of words to choose from: {a,b}, [a|b], <a|b>, "possible values: a, b", "One of: a|b", 'must be "a" or "b"'. */
function choicesIn(text: string): string[] | undefined {
  const word = String.raw`["'\`]?[\w.@:+/-]+["'\`]?`
  const found =
    new RegExp(String.raw`[{<[(](${word}(?:\|${word})+)[}>\])]`).exec(text) ??
    new RegExp(String.raw`\{(${word}(?:,\s*${word})+)\}`).exec(text) ??
    new RegExp(String.raw`(?:possible|accepted|allowed|valid|supported) (?:values|options|formats)(?: are| is)?:? \[?(${word}(?:(?:, | \| |\|| or |, or |, and | and )${word})+)`, 'i').exec(text) ??
    new RegExp(String.raw`\bone of:? [([]?(${word}(?:(?:, |,|\||, or | or )${word})+)`, 'i').exec(text) ??
    new RegExp(String.raw`\bmust be (["'\`][\w.-]+["'\`](?:(?:, or |, | or )["'\`][\w.-]+["'\`])+)`, 'i').exec(text)
  if (!found) return undefined
  const values = [...new Set(found[1]!.split(/\s*(?:\||, or |, and | or | and |,)\s*/).map((each) => each.replace(/^["'`]|["'`.]+$/g, '')).filter(Boolean))]
  return values.length > 1 && values.length <= 100 ? values : undefined
}

function defaultIn(description: string): string | undefined {
  const found = /[([]defaults?(?: is|:|=| to)?:?\s*["'`]?([^"'`\])]+?)["'`]?[)\]]/i.exec(description)?.[1]?.trim()
  return found !== undefined && found.length <= 60 && !/[\s[{]/.test(found) ? found : undefined
}

/** What kind of text a placeholder or an argument's name stands for. */
export function formatOf(placeholder: string): HelpValue['format'] {
  const word = placeholder.toLowerCase().replaceAll('_', '-')
  if (/(^|-)(file|path|dir|directory|folder|filename)$/.test(word)) return 'path'
  if (/(^|-)(url|uri)$/.test(word)) return 'url'
  if (word === 'duration') return 'duration'
  // These say no more than that it is one.
  return valueFormats.find((format) => format === word && !['text', 'word', 'number'].includes(word))
}

const plainDescription = (description: string) => description
  .replace(/\s*\[(env|default|possible values|required|aliases?)\b[^\]]*\]/gi, '')
  .replace(/\s*\(defaults?\b[^)]*\)/gi, '')
  .trim()
