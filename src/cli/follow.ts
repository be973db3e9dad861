import { setTimeout as wait } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import { money } from '../text.ts'
import { asTyped } from './as-typed.ts'
import { patience } from './patience.ts'
import { bold, dim, duration, green, note, red, yellow } from './print.ts'
import { look, type RunState } from './run-state.ts'

export type Ended = { ended: true } | { waiting: string } | { detached: true }

/** Without a deadline a call to a server that is gone is tried for 20 s. */
const answerMs = 3000

/**
 * Shows a run of `name` until it ends, waits for a person, or Ctrl-C: a redrawn block on a terminal, plain lines elsewhere.
 * Whoever looked away is called back by the terminal's bell.
 * The run itself is never touched.
 * @throws when the server is gone and nothing here brings it back (patience.ts)
 */
export async function follow(handle: WorkflowHandle, name: string, stream: NodeJS.WriteStream): Promise<Ended> {
  const stop = new AbortController()
  const onInterrupt = () => stop.abort()
  process.once('SIGINT', onInterrupt)
  const screen = stream.isTTY ? liveScreen(stream) : plainLines(stream)
  const server = patience(name, screen.say)
  const noted = new Set<string>()
  try {
    for (;;) {
      if (stop.signal.aborted) return { detached: true }
      let state: RunState | undefined
      try {
        state = await handle.client.withDeadline(Date.now() + answerMs, () => look(handle))
        server.answered()
      } catch (error) {
        await server.silent(error)
      }
      if (state) {
        const notes = state.live.flatMap(({ note }) => note ?? []).filter((note) => !noted.has(note))
        notes.forEach((note) => noted.add(note))
        screen.show(state, notes)
        if (state.status !== 'RUNNING') return { ended: true }
        if (state.progress?.waiting) return { waiting: state.progress.waiting }
      }
      await wait(stream.isTTY ? 500 : 700, undefined, { signal: stop.signal }).catch(() => {})
    }
  } finally {
    process.removeListener('SIGINT', onInterrupt)
    if (stream.isTTY && !stop.signal.aborted) stream.write('\x07')
  }
}

/**
 * What a run that ended leaves, also when its server goes away at that moment.
 * @throws the run's failure, or as `follow`
 */
export async function outcome<T>(handle: WorkflowHandle, name: string): Promise<T> {
  const server = patience(name, note)
  for (;;) {
    try {
      return (await handle.client.withDeadline(Date.now() + answerMs, () => handle.result())) as T
    } catch (error) {
      await server.silent(error)
    }
    await wait(500)
  }
}

/** "step 120 of 1500, loss 0.412, 9.8k tokens/s, 2 min left" */
export function figures(live: RunState['live'][number] | undefined): string {
  if (!live) return ''
  const parts: string[] = []
  if (live.message) parts.push(live.message)
  if (live.steps) parts.push(`${live.step} of ${live.steps}`)
  if (live.loss !== undefined && live.loss !== null) parts.push(`loss ${Number(live.loss).toPrecision(3)}`)
  if (live.tokens_per_second) parts.push(`${(live.tokens_per_second / 1000).toFixed(1)}k tokens/s`)
  if (live.eta_seconds) parts.push(`${duration(live.eta_seconds)} left`)
  return parts.join(', ')
}

/** Dollars of finished batches and of those under way. */
const spent = (state: RunState) => (state.progress?.dollars ?? 0) + state.live.reduce((sum, { dollars }) => sum + (dollars ?? 0), 0)

/** Before its first stage a run may wait for another one of the same training, which no stage shows. */
export const waitsFor = (live: RunState['live']) => live.find(({ stage }) => stage === 'lock')?.message

function stageLines(state: RunState): string[] {
  return (state.progress?.stages ?? []).filter(({ state: of }) => of !== 'skipped').map(({ title, state: of, seconds }) => {
    const mark = { done: green('✔'), 'up to date': green('✔'), running: yellow('▶'), failed: red('✘'), waiting: dim('·'), skipped: dim('–') }[of]
    const note = of === 'running' ? figures(state.live[0]) : of === 'done' && seconds ? duration(seconds) : of === 'up to date' ? 'up to date' : ''
    return `${mark} ${of === 'waiting' ? dim(title) : title}${note ? dim(`  ${note}`) : ''}`
  })
}

function liveScreen(stream: NodeJS.WriteStream) {
  let drawn = 0
  return {
    /** The line stays: the block is drawn anew below it. */
    say(line: string) {
      stream.write(`${asTyped(line)}\n`)
      drawn = 0
    },
    /** Notes stay above the block. */
    show(state: RunState, notes: string[]) {
      const lines = [bold(state.workflowId), ...stageLines(state)]
      const waiting = waitsFor(state.live)
      if (waiting) lines.push(yellow(waiting))
      for (const { attempt, reason } of state.retrying) lines.push(yellow(`attempt ${attempt}: ${reason}`))
      if (spent(state)) lines.push(dim(`spent ${money(spent(state))}`))
      if (state.status === 'RUNNING') lines.push(dim(state.progress?.paused ? 'paused; safe to stop everything' : 'safe to stop: Ctrl-C leaves it running, a crash only pauses it'))
      const width = stream.columns || 80
      stream.write(`${drawn ? `\x1b[${drawn}A` : ''}${notes.map((note) => `\x1b[0J${dim(note)}\n`).join('')}${lines.map((line) => `\x1b[2K${clip(asTyped(line), width)}`).join('\n')}\n\x1b[0J`)
      drawn = lines.length
    },
  }
}

function plainLines(stream: NodeJS.WriteStream) {
  const said = new Set<string>()
  let [lastFigures, lastText] = [0, '']
  const sayOnce = (line: string) => {
    if (said.has(line)) return
    said.add(line)
    stream.write(`${asTyped(line)}\n`)
  }
  return {
    say: (line: string) => void stream.write(`${asTyped(line)}\n`),
    show(state: RunState, notes: string[]) {
      for (const { title, state: of, seconds } of state.progress?.stages ?? []) {
        if (of !== 'waiting' && of !== 'skipped') sayOnce(`${title}: ${of}${of === 'done' && seconds ? ` (${duration(seconds)})` : ''}`)
      }
      for (const note of notes) stream.write(`  ${note}\n`)
      for (const { attempt, reason } of state.retrying) sayOnce(`attempt ${attempt}: ${reason}`)
      const now = Date.now()
      const doing = figures(state.live[0])
      const text = doing && `  ${doing}${spent(state) ? `, spent ${money(spent(state))}` : ''}\n`
      // A trainer that begins again says nothing new for a while.
      if (text && text !== lastText && now - lastFigures > 10_000) {
        lastFigures = now
        lastText = text
        stream.write(text)
      }
    },
  }
}

/** Cuts a line with colour codes to the terminal's width, so that a redraw never wraps. */
function clip(line: string, width: number): string {
  let seen = 0
  let cut = ''
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    if (part.startsWith('\x1b')) cut += part
    else {
      cut += part.slice(0, Math.max(0, width - 1 - seen))
      seen += part.length
    }
  }
  return cut
}
