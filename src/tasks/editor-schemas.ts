import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { packageRoot } from '../paths.ts'
import { AnalysisSchema } from './analysis/schema.ts'
import { AssistantYaml } from './assistant/schema.ts'
import { CliSchema } from './cli/schema.ts'
import { RecoveryYaml } from './recovery/schema.ts'
import { ToolsYaml } from './tools/schema.ts'
import { WorkflowSchema } from './workflow/schema.ts'

/** By kind, the YAML as people write it. */
const written: Record<string, z.ZodType> = {
  analysis: AnalysisSchema,
  // What `parse` reads from the documents themselves is not written by anybody.
  assistant: AssistantYaml.omit({ documents: true, left_out: true }),
  cli: CliSchema,
  recovery: RecoveryYaml,
  tools: ToolsYaml,
  workflow: WorkflowSchema,
}

/** Where editors find it: `# yaml-language-server: $schema=./analysis.schema.json` in the first line of a YAML beside it. */
const fileOf = (kind: string): string => join(packageRoot, 'schemas', kind === 'cli' ? 'schema.json' : `${kind}.schema.json`)

/** The JSON Schema of each kind's YAML; `node src/tasks/editor-schemas.ts` writes them. */
export const editorSchemas = (): { kind: string; file: string; text: string }[] => Object.entries(written).map(([kind, schema]) => ({
  kind, file: fileOf(kind), text: `${JSON.stringify({ title: `A Clitron training of kind ${kind}`, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`,
}))

if (import.meta.main) for (const { file, text } of editorSchemas()) writeFileSync(file, text)
