import type { Row } from '../../src/dataset/row.ts'

type Values = Record<string, unknown>

/** A row as a teacher would give it in the flat form: what `fromTeacher` of the cli family reads. */
export function flat(row: Row, brief: number): Values {
  const answer = JSON.parse(row.output) as Values
  const args = Object.entries((answer.args as Values | undefined) ?? {}).map(([name, value]) => ({ name, values: [value].flat().map(String) }))
  return {
    brief,
    input: row.instruction,
    context: row.context && Object.entries(row.context).flatMap(([group, fields]) => Object.entries(fields as Values).map(([name, value]) => ({ field: `${group}.${name}`, value: String(value) }))),
    type: answer.type,
    command: answer.command ?? null,
    subcommand: answer.subcommand ?? null,
    args,
    flags: answer.flags ?? [],
    message: answer.message ?? null,
    suggestions: ((answer.suggestions as Values[] | undefined) ?? []).map(({ label, command, subcommand }) => ({ label, command, subcommand: subcommand ?? null })),
    confidence: answer.confidence ?? 0.95,
  }
}

/** The briefs of a request: the numbered lines of its user text, each `number. name: value; name: value`. */
export function slicesOf(user: string): Record<string, string>[] {
  return [...user.matchAll(/^\d+\. (.+)$/gm)].map(([, line]) =>
    Object.fromEntries(line!.split('; ').map((pair) => [pair.slice(0, pair.indexOf(': ')), pair.slice(pair.indexOf(': ') + 2)])),
  )
}
