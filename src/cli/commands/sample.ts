import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { InputError } from '../../errors.ts'
import { judge } from '../../evaluation/judge.ts'
import { forReview, sampled } from '../../evaluation/sample.ts'
import { readScorable } from '../../evaluation/score-rows.ts'
import { askEach } from '../../inference/ask-each.ts'
import { dataDir } from '../../paths.ts'
import { writeAtomically } from '../../store/atomic.ts'
import { print, printJson, showProgress } from '../print.ts'
import { readSchema } from '../schema.ts'
import { loadModel } from './eval.ts'

interface Options {
  sample: number
  /** Where it is written; human_feedback.json where absent. */
  out?: string
  data?: string
  /** A GGUF in place of the trained one. */
  model?: string
  json?: boolean
}

/** Answers the test split, or rows of a file, and writes some of the answers for a person to correct; `import` reads them back. */
export async function writeSample(name: string, { sample, out = 'human_feedback.json', data, model, json }: Options): Promise<void> {
  const { family, schema, text } = await readSchema(name)
  const file = data ?? dataDir(name, 'train_test.jsonl')
  if (!existsSync(file)) throw new InputError(data === undefined ? `There is no test split of ${name} here yet: \`clitron train ${name}\` makes it; or give rows with --data FILE.` : `There is no file ${data}.`)
  // What people have corrected once is no review.
  if (existsSync(out)) throw new InputError(`${out} is there already, maybe with somebody's corrections; give another name with --out, or remove it.`)
  const { predictor, calibration } = await loadModel(name, model, text)
  try {
    const { rows } = await readScorable({ family, schema, file })
    const hooks = { onProgress: process.stderr.isTTY ? showProgress : undefined }
    // A golden set's final half is only scored.
    const open = rows.filter(({ part }) => part !== 'final')
    const judged = await askEach(open, predictor, 'answering rows', hooks, (row) => judge(row, { predictor, family, schema, calibration }))
    const chosen = sampled(judged, family.slices[0], sample)
    await writeAtomically(out, written(out, chosen.map(forReview)))
    const wrong = chosen.filter(({ score }) => !score.equivalent).length
    if (json) return printJson({ name, file: out, rows: chosen.length, wrong, of: judged.length })
    print(`${chosen.length} of ${judged.length} answers to ${relative(process.cwd(), file)} are in ${out}; ${wrong} of them differ from the answer the rows have.`)
    print('Put the right answer into "corrected" of each row, or true where the model is right; rows that are left empty are left out.')
    print(`Then: clitron import ${name} ${out}`)
  } finally {
    await predictor.close()
  }
}

/** One row a line; in a .json file a list with indents. */
const written = (file: string, rows: readonly unknown[]) => (file.endsWith('.json') ? `${JSON.stringify(rows, null, 2)}\n` : rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
