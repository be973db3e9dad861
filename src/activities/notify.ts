import { log } from '@temporalio/activity'
import { execa } from 'execa'
import { activity } from './stage.ts'

/**
 * Tells the person that a run ended or waits: a webhook (CLITRON_WEBHOOK, a POST of {name, state, message}) if set, a desktop
 * message where there is a desktop. A message that cannot be delivered never fails the run.
 */
export async function notify(name: string, state: 'done' | 'failed' | 'waiting', message: string): Promise<void> {
  return activity('notify', async () => {
    const webhook = process.env.CLITRON_WEBHOOK
    if (webhook) {
      await fetch(webhook, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name, state, message }), signal: AbortSignal.timeout(10_000) })
        .then((answer) => answer.ok || log.warn(`the webhook answered ${answer.status}`))
        .catch((error: Error) => log.warn(`the webhook could not be reached: ${error.message}`))
    }
    const title = `Clitron: ${name} ${state}`
    if (process.platform === 'darwin') await execa('osascript', ['-e', 'on run {m, t}', '-e', 'display notification m with title t', '-e', 'end run', message, title], { reject: false, timeout: 5000 })
    else if (process.env.DISPLAY || process.env.WAYLAND_DISPLAY) await execa('notify-send', [title, message], { reject: false, timeout: 5000 })
  })
}
