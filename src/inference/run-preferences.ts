import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { splitFiles } from '../dataset/assemble.ts'
import { readRows } from '../dataset/read-rows.ts'
import { serveChild } from '../process/child.ts'
import { loadSchema } from '../tasks/index.ts'
import { loadPredictors } from './predictors.ts'
import { makePreferences } from './preferences.ts'
import { PromptTemplate } from './template.ts'

const Spec = z.object({ name: z.string(), schema: z.string(), dataset: z.string(), golden: z.string().optional(), gguf: z.string(), pairs: z.int(), seed: z.int(), out: z.string() })

await serveChild(Spec, async ({ name, gguf, ...spec }, hooks) => {
  const schemaText = await readFile(spec.schema, 'utf8')
  const { family, schema } = loadSchema({ name, file: `schemas/${name}.yaml`, text: schemaText })
  const template = PromptTemplate.parse(JSON.parse(await readFile(join(dirname(gguf), 'prompt_template.json'), 'utf8')))
  const answersLike = (await readRows(join(spec.dataset, splitFiles.train))).map((row) => family.completion(schema, row.output))
  const predictor = await loadPredictors({ gguf, template, answersLike, name, schemaText })
  try {
    return { facts: await makePreferences({ ...spec, family, schema, predictor }, hooks) }
  } finally {
    await predictor.close()
  }
})
