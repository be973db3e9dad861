import { duration } from '../src/cli/print.ts'
import { visible } from '../src/text.ts'
import type { Entry } from './log.ts'
import { cellsOf, remarks } from './table.ts'

/** log.md: the experiments, the newest first, with their stages in order. */
export function logPage(entries: readonly Entry[]): string {
  const experiments = [...Map.groupBy(entries, ({ experiment }) => experiment).values()].reverse()
  return `${['# Log of experiments', 'Written by `npm run lab`; [log.jsonl](log.jsonl) has every figure. The rule of the verdicts stands in [docs/recipes.md](../docs/recipes.md#how-something-is-tried).', ...experiments.flatMap(section)].join('\n\n')}\n`
}

function section(entries: readonly Entry[]): string[] {
  const { question, training, file, experiment, seeds } = entries.at(-1)!
  return [`## ${text(question)}`, `${text(training)}; seeds ${seeds.join(', ')}; experiment ${experiment} (\`${file}\`)`, ...entries.flatMap(stage)]
}

function stage(entry: Entry): string[] {
  const [head, ...rows] = cellsOf(entry)
  const line = (cells: readonly string[]) => `| ${cells.map(text).join(' | ')} |`
  return [
    `**${entry.stage}**, measured on ${text(entry.measured_on)}; ${entry.date.slice(0, 16).replace('T', ' ')} UTC, ${duration(entry.seconds)} of runs, commit ${entry.commit}, ${text(entry.host)}`,
    [line(head!), `|${' --- |'.repeat(head!.length)}`, ...rows.map(line)].join('\n'),
    ...remarks(entry).map(text),
  ]
}

/** One line that no table is broken by. */
const text = (value: string) => visible(value.replace(/\s+/g, ' ').trim()).replaceAll('|', '\\|')
