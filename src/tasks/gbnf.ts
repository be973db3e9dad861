/** One to `most` items with commas between. */
export const list = (item: string, most: number) => `${item} ("," ${item}){0,${most - 1}}`

/** What stands between the quotes of a JSON string. */
export const inner = (text: string) => JSON.stringify(text).slice(1, -1)

/** A GBNF string literal. */
export const literal = (text: string) => `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t')}"`

/** A rule behind another; nothing behind it when it is empty. */
export const space = (rule: string) => (rule === '' ? '' : ` ${rule}`)

/** Rules by their text, so that equal ones are written once. */
export class Rules {
  readonly #names = new Map<string, string>()

  name(text: string, wanted?: string): string {
    let name = this.#names.get(text)
    if (name === undefined) {
      name = wanted ?? `r${this.#names.size}`
      this.#names.set(text, name)
    }
    return name
  }

  text(): string {
    return [...this.#names].map(([text, name]) => `${name} ::= ${text}\n`).join('')
  }
}

/** The rule of whole numbers that a double holds exactly; a copying grammar replaces it by name. */
export const integerRule = (rules: Rules): string => rules.name('"0" | "-"? [1-9] [0-9]{0,14}', 'int')

/** The rule of a JSON string of 1 to `longest` characters, as JSON.stringify writes it; a copying grammar replaces it by name. */
export function stringRule(rules: Rules, longest: number): string {
  const character = rules.name('[^"\\\\\\x00-\\x1F] | "\\\\" (["\\\\bfnrt] | "u00" ("0" [1-7bef] | "1" [0-9a-f]))', 'char')
  return rules.name(`"\\"" ${character}{1,${longest}} "\\""`, 'str')
}
