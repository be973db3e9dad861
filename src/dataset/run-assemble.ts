import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { serveChild } from '../process/child.ts'
import { loadSchema } from '../tasks/index.ts'
import { assembleDataset } from './assemble.ts'

const Spec = z.object({ name: z.string(), schema: z.string(), batches: z.array(z.string()), imported: z.string().optional(), golden: z.string().optional(), outDir: z.string(), seed: z.int() })

await serveChild(Spec, async ({ name, schema: file, ...spec }, hooks) => {
  const { family, schema } = loadSchema({ name, file: `schemas/${name}.yaml`, text: await readFile(file, 'utf8') })
  return { facts: await assembleDataset({ family, schema, ...spec }, hooks) }
})
