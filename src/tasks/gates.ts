import { z } from 'zod'

/** Bounds that a person sets for every kind of task; what is left out or null is reported and not enforced. */
export const GateBounds = z.strictObject({
  /** Least lower end of the headline's 95% interval (Wilson), 0 to 1. */
  target: z.number().min(0).max(1).nullish(),
  latency_p95_ms: z.number().positive().nullish(),
})
export type GateBounds = z.infer<typeof GateBounds>

const rate = z.number().min(0).max(1).optional()

/** What a figure of a kind of task must be, 0 to 1; of the four, those that are named. */
export const FigureBound = z.strictObject({ min: rate, above: rate, max: rate, below: rate })
  .refine((bound) => Object.keys(bound).length > 0, 'say at least one of min, above, max and below').meta({ id: 'FigureBound' })
export type FigureBound = z.infer<typeof FigureBound>

/** What a schema's `gates` may bound: by the name that its YAML has for it, the figure as the family's `metrics` call it. */
export type Figures = Readonly<Record<string, string>>

/** After so many further trainings on errors and gates there is nothing left to learn from them. */
export const mostRounds = 10

/** The section `gates` of a schema of a kind with these figures. */
export const gatesOf = <Name extends string = never>(figures: Readonly<Record<Name, string>>) => z.strictObject({
  ...GateBounds.shape,
  rounds: z.int().min(1).max(mostRounds).optional().describe('While a model misses one of its gates it goes back to its data, at most so many times: more examples of what is missed, another training'),
  ...(Object.fromEntries(Object.keys(figures).map((name) => [name, FigureBound.optional()])) as Record<Name, z.ZodOptional<typeof FigureBound>>),
}).describe('What a model must reach to replace one that does: docs/reading-the-report.md')

export interface BoundFigure {
  /** As the YAML calls it, e.g. "completeness". */
  name: string
  /** As the report calls it, e.g. "completeness (recall of key entities)". */
  figure: string
  bound: FigureBound
}

/** What a schema demands of its models. */
export interface SchemaGates extends GateBounds {
  /** At most so many rounds while a gate is missed; none where absent. */
  rounds?: number | undefined
  figures: BoundFigure[]
}

/** A schema's section `gates`, read. */
export function readGates(figures: Figures, gates: Record<string, unknown> | undefined): SchemaGates {
  const { target, latency_p95_ms, rounds, ...bounds } = (gates ?? {}) as GateBounds & { rounds?: number } & Record<string, unknown>
  return { target, latency_p95_ms, rounds, figures: Object.entries(bounds).flatMap(([name, bound]) => (bound ? [{ name, figure: figures[name]!, bound: bound as FigureBound }] : [])) }
}

/** The keys that may stand where an unknown one was found, in `gates` or elsewhere. */
export const alsoInGates = (gates: z.ZodObject, keysAt: (path: readonly PropertyKey[]) => string[]) => (path: readonly PropertyKey[]): string[] =>
  (path[0] !== 'gates' ? keysAt(path) : Object.keys(path.length === 1 ? gates.shape : FigureBound.shape))
