import { signed } from '../evaluation/format.ts'
import { visible } from '../text.ts'
import type { SearchResults, TrialResult } from '../search/results.ts'
import type { Experiment } from './experiments.ts'
import type { Finding, Findings, Pair } from './findings.ts'

interface Known {
  name: string
  /** The command that writes this page. */
  command: string
  all: readonly Experiment[]
  findings: Findings
  search?: SearchResults | undefined
}

/** What the page begins with; by it an earlier one is known. */
export const bestPracticesTitle = (name: string) => `# Best practices of \`${name}\`\n`

/** best_practices.md: what was changed from run to run, and what that brought, never more than its interval says. */
export function bestPractices({ name, command, all, findings: { found, chance, incomparable }, search }: Known): string {
  const of = (verdict: Finding['verdict']) => found.filter((finding) => finding.verdict === verdict)
  return `${bestPracticesTitle(name)}
Written by \`${command}\` from ${all.length} trained ${all.length === 1 ? 'version' : 'versions'}${search ? ` and a search of ${search.trials.length} trials` : ''}. Differences are points of questions answered rightly, with their 95% interval; an interval that holds 0 decides nothing. Where one pair stands behind a line, its interval is about the questions alone: trainings that differ by chance only differ as well (below), so have another pair before you rely on it. With more pairs it is about the runs too. Of many comparisons, one in twenty is outside by chance. Validation rows also choose between SFT and DPO and between rounds, which flatters what was chosen a little.

## What helped

${lines(of('better'), 'Nothing that was compared is better beyond its interval.')}

## What made it worse

${lines(of('worse'), 'Nothing that was compared is worse beyond its interval.')}

## What is undecided

${lines(of('undecided'), 'Nothing.')}

## How far runs differ by chance

${chance.length ? `${head}\n${chance.map((pair) => line({ ...pair, pairs: [pair] })).join('\n')}` : `Nothing was trained twice with the same settings. \`npx clitron train ${name} --retrain\` trains a challenger on fresh data, and compares it with the champion row by row.`}

## What a search found

${search ? searched(name, search) : `There was none. \`npx clitron search ${name} --vary ${varied(all)}\` tries settings on the same data.`}

## What was not compared

${notCompared(name, all, found, incomparable).map((each) => `- ${each}`).join('\n') || 'Nothing else that has a command.'}
`
}

const head = '| changed | from → to | points | pairs | questions | by |\n| --- | --- | --- | --- | --- | --- |'

const lines = (findings: readonly Finding[], none: string) => (findings.length ? `${head}\n${findings.map(line).join('\n')}` : none)

type Line = Pick<Finding, 'what' | 'from' | 'to' | 'points' | 'interval' | 'pairs'>

function line({ what, from, to, points, interval, pairs }: Line): string {
  const distinct = (of: (pair: Pair) => string | number) => [...new Set(pairs.map(of))].join('; ')
  const cells = [
    what, from || to ? `${from} → ${to}` : '', `${signed(points)} (${interval.map(signed).join(' to ')})`, `${pairs.length}: ${distinct(({ runs }) => runs)}`,
    `${distinct(({ n }) => n)} ${distinct(({ rows }) => rows)}`, [...new Set(pairs.map(({ command }) => `\`${command}\``))].join('; '),
  ]
  return `| ${cells.map((cell) => visible(cell.replaceAll('|', '\\|'))).join(' | ')} |`
}

function searched(name: string, { trials, influence, best, base }: SearchResults): string {
  const vary = Object.keys(trials[0]?.setting ?? {}).map((key) => `--vary ${key}=${[...new Set(trials.map(({ setting }) => setting[key]))].join(',')}`).join(' ')
  const one = (trial: TrialResult) => `${trial.varies.map((key) => trial.setting[key]).join(', ')}: ${trial.validation_loss === undefined ? `given up at step ${trial.stopped_at}` : trial.validation_loss.toFixed(4)}`
  const first = trials.find(({ varies }) => varies.length === 0)
  const alone = influence.map(({ key, loss }) => `| ${key} | ${[...(first ? [{ ...first, varies: [key] }] : []), ...trials.filter(({ varies }) => varies.length === 1 && varies[0] === key)].map(one).join('; ')} | ${loss.toFixed(4)} |`)
  return `Validation losses of one run each, by \`npx clitron search ${name}${base === 'scratch' ? '' : ` --base ${base}`} ${vary}\`. A loss of one run has no interval, so nothing here is decided: it says what to try.

| changed alone | value: loss | largest difference |
| --- | --- | --- |
${alone.join('\n') || '| nothing | | |'}

${best ? `Lowest: trial ${best.trial} (${Object.entries(best.setting).map(([key, value]) => `${key} ${value}`).join(', ')}) with ${best.validation_loss.toFixed(4)}. To decide it, set that in \`training/configs\` and train: \`npx clitron train ${name}\`; then the next page has the difference on the same questions.` : 'No trial came to its end.'}`
}

/** What can be varied without a download, in the words of the base's own configuration. */
const varied = (all: readonly Experiment[]) => (all.at(-1)?.configuration.base ?? 'scratch') === 'scratch' ? 'training.muon_learning_rate=0.005,0.01,0.02' : 'training.lora_r=8,16,32'

function notCompared(name: string, all: readonly Experiment[], found: readonly Finding[], incomparable: Findings['incomparable']): string[] {
  const has = (what: string) => found.some((finding) => finding.what === what)
  const alike = all.filter(({ schema }) => schema === all.at(-1)?.schema).slice(-3).map(({ version }) => version)
  const values = (key: string) => new Set(all.map(({ configuration }) => configuration[key]))
  return [
    ...incomparable.map(({ what, runs }) => `${what}: ${runs} were asked no questions in common; \`npx clitron eval ${name} --data rows.jsonl\` scores any rows, with \`--model\` those of an earlier version's package`),
    ...(all.length < 2 ? [`settings of the training: change one in \`training/configs\`, then \`npx clitron train ${name}\``] : []),
    ...(alike.length < 2 || has('an ensemble') ? [] : [`an ensemble: \`npx clitron eval ${name} --ensemble ${alike.join(',')}\``]),
    ...(has('a round of examples of what failed') ? [] : [`rounds of improvement: \`npx clitron train ${name} --rounds 3\``]),
    ...(values('quant').size > 1 || has('quant') ? [] : [`another quantization: \`npx clitron train ${name} --quant q8_0\``]),
    ...(values('base').size > 1 ? [] : [`another base: \`npx clitron bases\`, then \`npx clitron train ${name} --base smollm2-135m\``]),
  ]
}
