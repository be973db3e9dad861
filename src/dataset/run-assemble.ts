import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { serveChild } from '../process/child.ts'
import { loadSchema } from '../tasks/index.ts'
import { assembleDataset } from './assemble.ts'

const Spec = z.object({ name: z.string(), schema: z.string(), batches: z.array(z.string()), imported: z.string().optional(), added: z.array(z.string()).optional(), golden: z.string().optional(), outDir: z.string(), seed: z.int(), command: z.string().optional() })

await serveChild(Spec, async ({ name, schema: file, imported, ...spec }, hooks) => {
  const { family, schema } = loadSchema({ name, file: `schemas/${name}.yaml`, text: await readFile(file, 'utf8') })
  const report = await assembleDataset({ ...spec, name, family, schema, ...(imported && { imported: [imported] }) }, hooks)
  const { splits, rejected, removed } = report
  return { facts: { rows: report.rows, ...splits, rejected: rejected.rows, duplicates: removed.exact_duplicates + removed.near_duplicates, warnings: report.warnings.length, ...(report.added && { added: report.added.rows }), ...(report.augmented && { variants: report.augmented.rows }) } }
})
