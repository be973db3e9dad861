/** HTML or SVG text in which every inserted string was escaped. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

type Insert = Markup | string | number | null | undefined | false | readonly Insert[]

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => entities[sign]!)

/** A template whose inserted strings are escaped, so that no question of a data set can become part of the page. */
export function html(strings: TemplateStringsArray, ...inserts: Insert[]): Markup {
  return new Markup(strings.reduce((text, piece, index) => text + piece + (index < inserts.length ? render(inserts[index]) : ''), ''))
}

function render(insert: Insert): string {
  if (insert === null || insert === undefined || insert === false) return ''
  if (insert instanceof Markup) return insert.text
  if (Array.isArray(insert)) return insert.map(render).join('')
  return escapeHtml(String(insert))
}
