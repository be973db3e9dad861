import { z } from 'zod'
import { serveChild } from '../process/child.ts'
import { measure } from './measure.ts'

const MeasureSpec = z.object({ folder: z.string(), seconds: z.number() })

await serveChild(MeasureSpec, async (spec, hooks) => ({ ...(await measure(spec, hooks)) }))
