import { plot, rateBar, reliabilityDiagram, stackedBar } from './charts.ts'
import type { Section } from './evaluate.ts'
import { percent, range, size } from './format.ts'
import { boundWords, figureWords, robustnessBounds } from './gates.ts'
import type { LossPoint } from './learning.ts'
import { html, type Markup } from './markup.ts'
import { wilson } from './intervals.ts'
import { baseOf, type Report } from './report.ts'
import type { SliceScore } from './slices.ts'

/** The hand-written rows speak for the model where there are any. */
const best = ({ scores }: Report): { section: Section; label: string } => (scores.golden ? { section: scores.golden, label: 'hand-written golden set' } : { section: scores.test, label: 'test split' })

const row = (label: string | Markup, bar: Markup, figure: Markup | string) => html`<div class="row"><span>${label}</span>${bar}<span class="n">${figure}</span></div>`
const rateRow = (label: string | Markup, { n, equivalent, interval }: SliceScore) => row(label, rateBar(equivalent, interval), html`${percent(equivalent)} <small>of ${n}</small>`)
const words = (name: string) => name.replaceAll('_', ' ')

export function headline(report: Report): Markup {
  const { section, label } = best(report)
  const { golden_final: final } = report.scores
  const { execute } = section.thresholds
  const executed = execute.right + execute.wrong
  const { parity, quantization, leakage, robustness, target, latency, figures = {} } = report.gates
  const failed = Object.keys(report.failed).length > 0
  const missed = Object.values(report.missed ?? {})
  const chip = (passed: boolean | null, text: string) => html`<li class="${passed === null ? 'none' : passed ? 'yes' : 'no'}">${text}</li>`
  const tile = (figure: string, text: string) => html`<div class="tile"><b>${figure}</b><span>${text}</span></div>`
  return html`<section class="card">
<div class="hero">
<div>
<div class="big">${percent(section.equivalent)}</div>
<p class="what">of the ${section.n} questions of the ${label} get the right answer.</p>
${rateBar(section.equivalent, section.interval)}
<p class="note" style="margin:8px 0 0">95% interval ${range(section.interval)}${final && final.n > 0 && html`; the half that nobody reads errors of: ${percent(final.equivalent)}`}${section.baseline !== null && html`. Looking up the nearest training example would get ${percent(section.baseline)}`}.</p>
</div>
<div class="tiles">
${tile(`${section.latency_ms.p50.toFixed(1)} ms`, `an answer, median; ${section.latency_ms.p95.toFixed(1)} ms p95; ${section.tokens.prompt} tokens asked, ${section.tokens.answer} answered`)}
${tile(size(report.model.bytes), `${report.quant}, ${(report.model.parameters / 1e6).toFixed(1)} M parameters`)}
${tile(executed ? percent(execute.right / executed) : '–', `right, of the ${executed} it would execute at once`)}
${tile(section.clarification?.recall == null ? '–' : percent(section.clarification.recall), 'of unclear requests are asked back')}
${tile(section.ece.toFixed(3), 'calibration error of its confidence')}
${tile(percent(report.scores.test.equivalent), `on the test split, ${report.scores.test.n} rows made like the training data`)}
</div>
</div>
<ul class="chips">
${chip(report.promote && !failed, failed ? 'fails a gate' : report.promote ? 'promoted' : 'not promoted')}
${chip(leakage.passed, 'nothing leaks')}
${chip(parity && parity.passed, parity ? 'GGUF equals the trained model' : 'parity not measured')}
${chip(quantization && quantization.passed, quantization ? `quantized within ${Math.abs(quantization.points).toFixed(1)} points` : 'not quantized')}
${chip(robustness.passed, robustness.passed ? 'robust to other wordings' : 'sensitive to other wordings')}
${target.passed !== null && chip(target.passed, `at least ${percent(target.lower)}, target ${percent(target.target!)}`)}
${latency.passed !== null && chip(latency.passed, `p95 ${latency.p95.toFixed(1)} ms of ${latency.budget} ms`)}
${Object.values(figures).map((gate) => chip(gate.passed, `${figureWords(gate)}, ${boundWords(gate.bound)} demanded`))}
</ul>
<p class="note" style="margin:12px 0 0">${report.verdict[0]!.toUpperCase()}${report.verdict.slice(1)}. ${report.choice[0]!.toUpperCase()}${report.choice.slice(1)}.${missed.length > 0 && ` The validation split, which says what a further round writes more of, misses ${missed.length === 1 ? 'a gate' : 'gates'}: ${missed.join('; ')}.`}</p>
</section>`
}

export function ladderCard({ scores }: Report): Markup {
  const sets = [['Golden set', scores.golden], ['Test split', scores.test]] as const
  return html`<section class="card"><h2>How far answers get</h2>
<p class="note">Valid and allowed are measured without the grammar that guides served answers: they say what the model itself has learned.</p>
<div class="two">${sets.filter(([, section]) => section && section.n > 0).map(([label, section]) => html`<div><h3>${label} <span class="soft">· ${section!.n} rows</span></h3><div class="rows">
${row('Ends by itself', rateBar(section!.ended_by_eos, undefined, 'quiet'), percent(section!.ended_by_eos))}
${row('Valid', rateBar(section!.valid, undefined, 'quiet'), percent(section!.valid))}
${row('Allowed', rateBar(section!.allowed, undefined, 'quiet'), percent(section!.allowed))}
${row(html`<b>Equivalent</b>`, rateBar(section!.equivalent, section!.interval), html`<b>${percent(section!.equivalent)}</b>`)}
${row('Same string', rateBar(section!.exact_match, undefined, 'quiet'), percent(section!.exact_match))}
${section!.far_half && row('Far from training', rateBar(section!.far_half.equivalent, section!.far_half.interval), html`${percent(section!.far_half.equivalent)} <small>of ${section!.far_half.n}</small>`)}
${section!.baseline !== null && row('Lookup', rateBar(section!.baseline, undefined, 'second'), percent(section!.baseline))}
${section!.search !== undefined && row('Search, no model', rateBar(section!.search, undefined, 'second'), percent(section!.search))}
</div></div>`)}</div></section>`
}

/** What only this kind of task measures. */
export function metricsCard({ kind, scores }: Report): Markup {
  const sets = ([['golden set', scores.golden], ['test split', scores.test]] as const).filter(([, section]) => section?.metrics)
  if (sets.length === 0) return html``
  return html`<section class="card"><h2>Figures of this kind of task (${kind})</h2>
<p class="note">As served, and what the model does without the grammar and the second look.</p>
<div class="scroll"><table><thead><tr><th></th>${sets.map(([label, section]) => html`<th class="num">${label}, ${section!.n} rows</th><th class="num">alone</th>`)}</tr></thead><tbody>
${Object.keys(sets[0]![1]!.metrics!).map((name) => html`<tr><td>${name}</td>${sets.map(([, section]) => {
  const { served, alone, n } = section!.metrics![name] ?? {}
  if (served === undefined) return html`<td class="num">–</td><td class="num">–</td>`
  return html`<td class="num">${percent(served)}${n !== undefined && html` <small>of ${n}</small>`}</td><td class="num">${alone === undefined ? '–' : percent(alone)}</td>`
})}</tr>`)}
</tbody></table></div></section>`
}

/** The second model by itself, and what both together do that the first one does not. */
export function companionCard({ companion }: Report): Markup {
  if (!companion) return html``
  const sets = Object.entries(companion.sets)
  const changed = [...new Set(sets.flatMap(([, { metrics }]) => Object.entries(metrics).filter(([, { both, single }]) => both !== single).map(([name]) => name)))]
  const line = (label: string | Markup, figure: (section: (typeof sets)[number][1]) => string | Markup) => html`<tr><td>${label}</td>${sets.map(([, section]) => html`<td class="num">${figure(section)}</td>`)}</tr>`
  return html`<section class="card"><h2>${companion.title}</h2>
<p class="note">A second model of the same rows, <code>${companion.file}</code>, ${size(companion.bytes)}. What it takes a question for counts against answers that say otherwise: ${companion.choice}.</p>
<div class="scroll"><table><thead><tr><th></th>${sets.map(([set, { gain }]) => html`<th class="num">${set}, ${gain.n} rows</th>`)}</tr></thead><tbody>
${line('right by itself', ({ own }) => (own.n === 0 ? '–' : html`${percent(own.right)} <small>of ${own.n}, ${range(own.interval)}</small>`))}
${line('agrees with the answer that is given', ({ agreement }) => (agreement.n === 0 ? '–' : html`${percent(agreement.rate)} <small>of ${agreement.n}</small>`))}
${line('answers right: the first model, both', ({ gain }) => `${percent(gain.single)}, ${percent(gain.both)}`)}
${line('what both change', ({ gain }) => html`${signed(gain.points)} <small>${gain.interval[0].toFixed(1)} to ${gain.interval[1].toFixed(1)}; only both ${gain.only_first}, only the first ${gain.only_second}, McNemar p = ${gain.p_value.toPrecision(2)}</small>`)}
${changed.map((name) => line(name, ({ metrics }) => `${percent(metrics[name]!.single)}, ${percent(metrics[name]!.both)}`))}
</tbody></table></div></section>`
}

const many = 14

export function slicesCard(report: Report): Markup {
  const { section, label } = best(report)
  const keys = Object.entries(section.slices)
  if (keys.length === 0) return html``
  return html`<section class="card"><h2>Where it is good, where it is not</h2>
<p class="note">Share of right answers on the ${label}, weakest first. The thin line is the 95% interval: with few rows it is wide.</p>
${keys.map(([key, values]) => {
  const list = Object.entries(values).map(([value, score]) => rateRow(value === '-' ? 'none' : words(value), score))
  const title = html`<h3>By ${words(key)}</h3>`
  return list.length <= many ? html`${title}<div class="rows ${list.length > 6 && 'columns'}">${list}</div>`
    : html`${title}<div class="rows columns">${list.slice(0, many)}</div><details><summary class="soft">${list.length - many} more, better ones</summary><div class="rows columns">${list.slice(many)}</div></details>`
})}</section>`
}

export function askingCard(report: Report): Markup {
  const { section, label } = best(report)
  const asking = section.clarification
  if (!asking || asking.n === 0) return html``
  const maybe = (rate: number | null, digits = 1) => (rate === null ? '–' : percent(rate, digits))
  return html`<section class="card"><h2>Does it know when to ask?</h2>
<p class="note">${label[0]!.toUpperCase()}${label.slice(1)}: ${asking.n} requests should be asked back. Of its own questions ${maybe(asking.precision)} are justified (precision); it asks in ${maybe(asking.recall)} of the cases where it should (recall). Requests that are off topic and still get a command: ${maybe(asking.off_topic_answered)}. By case: of the requests of that kind, how many it asks back (recall) and answers with the right suggestions; of its own questions of that kind, how many are justified (precision).</p>
<div class="scroll"><table><thead><tr><th>case</th><th class="num">rows</th><th class="num">recall</th><th class="num">answered right</th><th class="num">own questions</th><th class="num">precision</th></tr></thead><tbody>
${Object.entries(asking.by_case).map(([name, one]) => html`<tr><td>${words(name)}</td><td class="num">${one.n}</td><td class="num">${maybe(one.recall, 0)}</td><td class="num">${maybe(one.right, 0)}</td><td class="num">${one.asked}</td><td class="num">${maybe(one.precision, 0)}</td></tr>`)}
</tbody></table></div></section>`
}

const actions = [
  ['execute', (t: Report['thresholds']) => `execute, ≥ ${t.execute}`],
  ['confirm', (t: Report['thresholds']) => `confirm, ≥ ${t.confirm}`],
  ['clarify', (t: Report['thresholds']) => `clarify, ≥ ${t.clarify}`],
  ['ask', (t: Report['thresholds']) => `ask, < ${t.clarify}`],
] as const

export function calibrationCard(report: Report): Markup {
  const { section } = best(report)
  const { execute } = section.thresholds
  return html`<section class="card"><h2>Can its confidence be trusted?</h2>
<p class="note">Calibrated on rows of its own (${report.calibration.method}). Expected calibration error ${section.ece.toFixed(3)}; a right answer is surer than a wrong one in ${section.auroc === null ? '–' : percent(section.auroc)} of pairs (AUROC).</p>
<div class="two">
${reliabilityDiagram(section.reliability)}
${plot([{ label: 'wrong', tone: 'main', points: section.risk_coverage.map(({ coverage, risk }) => [coverage, risk]) }], {
  title: 'What if it only answered when sure?', x: { label: 'questions answered, the surest first', from: 0, to: 1, format: (x) => percent(x, 0) }, y: { label: 'wrong among them', from: 0, format: (y) => `${Number((100 * y).toPrecision(3))}%` },
})}
</div>
<h3>What the thresholds would do <span class="legend"><span class="pair"><i class="key good"></i>right</span> <span class="pair"><i class="key bad"></i>wrong</span></span></h3>
<div class="rows">${actions.map(([action, name]) => {
  const { right, wrong } = section.thresholds[action]
  return row(name(report.thresholds), stackedBar([{ share: right / section.n, tone: 'good' }, { share: wrong / section.n, tone: 'bad' }]), html`${right} <small>right</small>, <span class="${wrong > 0 && 'wrong'}">${wrong}</span>`)
})}</div>
<p class="note" style="margin-top:10px">Executed at once and wrong: ${execute.wrong} of ${section.n} questions. A clarification is never executed, however sure.</p>
</section>`
}

export function errorsCard(report: Report): Markup {
  const source = report.scores.golden_dev ?? report.scores.test
  const label = report.scores.golden_dev ? 'development half of the golden set' : 'test split'
  const total = Object.values(source.errors).reduce((sum, count) => sum + count, 0)
  if (total === 0) return html`<section class="card"><h2>Errors</h2><p class="note">None on the ${label}.</p></section>`
  const most = Math.max(...Object.values(source.errors))
  return html`<section class="card"><h2>What goes wrong</h2>
<p class="note">${total} of ${source.errors_read} answers on the ${label}. Open one for examples; the surest mistakes come first.</p>
${Object.entries(source.errors).map(([name, count]) => html`<details><summary>${name} <b>${count}</b>${rateBar(count / most, undefined, 'bad')}</summary>
${(source.error_examples[name] ?? []).map((example) => html`<div class="example"><q>${example.instruction}</q><dl>
${example.context && html`<dt>context</dt><dd><code>${leaves(example.context).join(' ')}</code></dd>`}<dt>expected</dt><dd><code>${example.expected}</code></dd><dt>got</dt><dd><code class="wrong">${example.got || '(nothing)'}</code></dd><dt>sure</dt><dd>${percent(example.confidence, 0)}</dd></dl></div>`)}
</details>`)}</section>`
}

/** Which rows fail more often than others, and what is taken for what. */
export function errorAnalysisCard({ error_analysis: sets = [] }: Report): Markup {
  const failing = sets.filter(({ errors }) => errors > 0)
  if (failing.length === 0) return html``
  const shares = (of: Record<string, { count: number; share: number }>) => Object.entries(of).map(([name, { count, share }]) => row(name, rateBar(share, undefined, 'bad'), html`${count} <small>${percent(share)}</small>`))
  const pairsShown = 8
  return html`<section class="card"><h2>Patterns of its errors</h2>
<p class="note">A slice is listed where its answers are wrong more often than all others beyond chance (Fisher's exact test, p below 0.05 after Holm's correction over all slices of at least ten rows). All slices, with intervals, stand in <code>error_analysis_report.json</code>.</p>
<div class="two">${failing.map(({ rows, n, errors, by_category: categories, slices, confusion }) => {
  const biased = slices.filter((slice) => slice.biased)
  return html`<div><h3>${rows[0]!.toUpperCase()}${rows.slice(1)} <span class="soft">· ${errors} of ${n} wrong</span></h3>
${categories && html`<div class="rows">${shares(categories)}</div>`}
${biased.length > 0 ? html`<ul class="note">${biased.map(({ slice, errors: wrong, n: of, rest, p_value }) => html`<li>${words(slice)}: ${wrong} of ${of} wrong, elsewhere ${rest.errors} of ${rest.n} (p = ${p_value.toPrecision(2)})</li>`)}</ul>` : html`<p class="note">No slice of ${slices.length} has more errors than the rest beyond chance.</p>`}
${confusion && html`<p class="note">The ${confusion.of} is right in ${confusion.right} of ${confusion.n} (${range(confusion.interval)}).</p>
${confusion.pairs.length > 0 && html`<div class="scroll"><table><thead><tr><th>${confusion.of}</th><th>taken for</th><th class="num">rows</th></tr></thead><tbody>${confusion.pairs.slice(0, pairsShown).map(({ reference, answered, n: count }) => html`<tr><td>${reference}</td><td>${answered}</td><td class="num">${count}</td></tr>`)}</tbody></table></div>`}`}
</div>`
})}</div></section>`
}

export function robustnessCard({ robustness }: Report): Markup {
  const entries = Object.entries(robustness.perturbations).filter(([, { n }]) => n > 0)
  if (entries.length === 0) return html``
  return html`<section class="card"><h2>Said in other ways</h2>
<p class="note">${robustness.rows} test questions, typed otherwise: the answer must stay. Together this costs ${robustness.points_lost.toFixed(1)} points (at most ${robustnessBounds.pointsLost} are good). Where a value in the question was exchanged, the answer followed in ${percent(robustness.swaps.followed)} of ${robustness.swaps.n} cases (at least ${percent(robustnessBounds.followed, 0)} is good).</p>
<div class="rows">${entries.map(([name, { n, before, after, points_lost }]) => row(html`${name} <small class="soft">${n}</small>`, stackedBar([{ share: Math.min(before, after), tone: 'main' }, { share: Math.max(0, before - after), tone: 'bad' }]), signed(-points_lost)))}</div>
${robustness.figures && html`<h3>Of right answers, those that stay right</h3><div class="rows">${Object.entries(robustness.figures).filter(([, { n }]) => n > 0).map(([name, { n, kept }]) => row(name, rateBar(kept / n, wilson(kept, n)), html`${percent(kept / n)} <small>of ${n}</small>`))}</div>`}
${examplesOf('of answers that changed', entries.flatMap(([name, { examples }]) => examples.slice(0, 1).map((example) => ({ name, ...example }))))}
${examplesOf('of values that were not followed', robustness.swaps.examples.map((example) => ({ name: 'swapped value', ...example })))}
</section>`
}

/** "−2.5 points", with a real minus sign. */
const signed = (points: number) => `${Math.abs(points) < 0.05 ? '' : points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)} points`

const examplesOf = (summary: string, examples: { name: string; instruction: string; got: string }[]) => examples.length > 0 && html`<details><summary class="soft">${examples.length} examples ${summary}</summary>${examples.map(({ name, instruction, got }) => html`<div class="example"><span class="soft">${name}:</span> <q>${instruction}</q><dl><dt>got</dt><dd><code class="wrong">${got}</code></dd></dl></div>`)}</details>`

export function learningCard({ losses, learning = {}, training, validation, notes = [] }: Report): Markup {
  const curve = (stage: 'sft' | 'dpo', title: string) => {
    const points = losses[stage] ?? []
    const of = (key: 'loss' | 'validation_loss') => points.flatMap((point) => (point[key] === undefined ? [] : [[point.step, point[key]] as const]))
    const series = [{ label: 'training', tone: 'main', points: of('loss') }, { label: 'validation', tone: 'second', points: of('validation_loss'), dots: true }].filter((one) => one.points.length > 0)
    return series.length > 0 && plot(series, { title, x: { label: 'step' }, y: { label: 'loss', from: 0 } })
  }
  const curves = [curve('sft', 'Supervised fine-tuning'), curve('dpo', 'Preference tuning (DPO)')].filter((one) => one !== false)
  const norms = ([['sft', 'Gradient, fine-tuning'], ['dpo', 'Gradient, DPO']] as const).flatMap(([stage, title]) => {
    const points = (losses[stage] ?? []).flatMap(({ step, grad_norm: norm }) => (norm === undefined ? [] : [[step, norm] as const]))
    return points.length > 1 ? [plot([{ label: 'gradient', tone: 'main', points }], { title, x: { label: 'step' }, y: { label: 'its length, before it is cut', from: 0 } })] : []
  })
  const verdicts = Object.entries(learning)
  const parts = byPart(losses.sft ?? [])
  const figures = Object.entries(training).map(([stage, of]) => [stage, Object.entries((of ?? {}) as Record<string, unknown>).filter(([, value]) => typeof value === 'number')] as const).filter(([, of]) => of.length > 0)
  return html`<section class="card"><h2>How it learned</h2>
<p class="note">On the validation split, quantized: SFT ${percent(validation.sft.equivalent)} (${range(validation.sft.interval)}), after DPO ${percent(validation.dpo.equivalent)} (${range(validation.dpo.interval)}), ${validation.sft.n} rows.${notes.map((note) => ` ${note}`)}</p>
${verdicts.length > 0 && html`<ul class="note">${verdicts.map(([stage, { sentence }]) => html`<li>${stage.toUpperCase()} ${sentence}.</li>`)}</ul><p class="note">${verdicts[0]![1].rule}</p>`}
${curves.length > 0 && html`<div class="two">${curves}</div>`}
${(norms.length > 0 || parts) && html`<div class="two">${parts}${norms}</div>`}
${figures.length > 0 && html`<details><summary class="soft">The trainers' own figures</summary><div class="scroll"><table><tbody>${figures.flatMap(([stage, of]) => of.map(([key, value]) => html`<tr><td>${stage}</td><td>${words(key)}</td><td class="num">${Number((value as number).toPrecision(4)).toLocaleString('en')}</td></tr>`))}</tbody></table></div></details>`}
</section>`
}

/** As many as can be told apart; those of the largest losses at the end. */
const partTones = ['main', 'second', 'good', 'bad', 'quiet']

function byPart(points: readonly LossPoint[]): Markup | undefined {
  const measured = points.flatMap(({ step, validation_loss_by_part: of }) => (of ? [{ step, of }] : []))
  const last = measured.at(-1)
  if (!last || measured.length < 2) return undefined
  const names = Object.entries(last.of).sort((a, b) => b[1] - a[1]).slice(0, partTones.length).map(([name]) => name)
  const series = names.map((name, index) => ({ label: words(name), tone: partTones[index]!, points: measured.flatMap(({ step, of }) => (of[name] === undefined ? [] : [[step, of[name]] as const])), dots: true }))
  return plot(series, { title: 'Validation loss by part of the answer', x: { label: 'step' }, y: { label: 'loss', from: 0 } })
}

export function dataCard({ dataset }: Report): Markup {
  const shown = Object.entries(dataset.slices)
  return html`<section class="card"><h2>What it learned from</h2>
<p class="note">${dataset.rows.toLocaleString('en')} examples of ${dataset.intents.toLocaleString('en')} intents (${Object.entries(dataset.splits).map(([name, count]) => `${name} ${count.toLocaleString('en')}`).join(', ')}), written by: ${Object.entries(dataset.sources).map(([name, count]) => `${name} ${count.toLocaleString('en')}`).join(', ')}. ${dataset.rejected} rejected, ${Object.values(dataset.removed).reduce((sum, count) => sum + count, 0)} removed as doubles, contradictions or neighbours of held-out rows.</p>
${dataset.distribution && html`<div class="rows">${Object.entries(dataset.distribution).map(([name, { share, target, rows }]) => row(words(name), rateBar(share, [target, target]), html`${percent(share, 0)} <small>of ${percent(target, 0)} · ${rows}</small>`))}</div>`}
${shown.map(([key, counts]) => {
  const list = Object.entries(counts).sort((a, b) => b[1] - a[1])
  const most = list[0]![1]
  return html`<details><summary>By ${words(key)} <span class="soft">· ${list.length}</span></summary><div class="rows ${list.length > 6 && 'columns'}">${list.slice(0, 80).map(([value, count]) => row(value === '-' ? 'none' : words(value), rateBar(count / most, undefined, 'quiet'), count.toLocaleString('en')))}</div></details>`
})}</section>`
}

export function modelCard(report: Report): Markup {
  const { model, gates, comparison } = report
  const { parity, quantization } = gates
  const line = (label: string, value: string | Markup) => html`<tr><td class="soft">${label}</td><td>${value}</td></tr>`
  return html`<section class="card"><h2>The file</h2><div class="scroll"><table><tbody>
${line('model', html`<code>${model.file}</code>`)}
${line('size', `${size(model.bytes)}, F16 ${size(model.f16_bytes)}, ${model.parameters.toLocaleString('en')} parameters`)}
${parity && line('trained model and GGUF', `${parity.tokens.toLocaleString('en')} tokens of ${parity.rows} rows: ${parity.tokenMismatches} read otherwise, largest difference of a log-probability ${parity.maxLogProbabilityDifference.toPrecision(2)}, ${parity.greedyMismatches} other choices where it was clear`)}
${quantization && line('F16 and quantized', `${percent(quantization.full)} and ${percent(quantization.quantized)} on ${quantization.rows.toLocaleString('en')} rows (${quantization.points >= 0 ? '+' : '−'}${Math.abs(quantization.points).toFixed(2)} points, McNemar p = ${quantization.p_value.toPrecision(2)}${quantization.enough_rows ? '' : '; too few rows to tell 2 points from chance'}), mean KL divergence ${quantization.meanKl.toPrecision(2)} nats`)}
${comparison && line('champion', `${percent(comparison.challenger)} against ${percent(comparison.champion)} on ${comparison.n} rows: only this one right on ${comparison.only_challenger}, only the champion on ${comparison.only_champion}, McNemar p = ${comparison.p_value.toPrecision(2)}; ${comparison.left_out} near what the champion was trained on were left out`)}
${line('leakage', `${gates.leakage.exact_duplicates} shared questions, ${gates.leakage.near_duplicates} near duplicates, ${gates.leakage.two_answers} questions with two answers, ${gates.leakage.shared_intents} shared intents; with the wording of a training question and other values: ${Object.entries(gates.leakage.same_wording).map(([split, count]) => `${split} ${count}`).join(', ') || 'none'}`)}
${line('made with', html`base ${baseOf(report)}, teacher ${report.teacher}, seed ${report.seed}`)}
</tbody></table></div></section>`
}

/** "current_pr=12": an object's leaves with their last names. */
function leaves(value: unknown, name = ''): string[] {
  if (typeof value !== 'object' || value === null) return [`${name}=${String(value)}`]
  return Object.entries(value).flatMap(([key, item]) => leaves(item, key))
}
