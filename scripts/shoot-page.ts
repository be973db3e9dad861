// A picture of a page for docs/images, by Chromium (CHROMIUM, or `chromium` on PATH):
//   node scripts/shoot-page.ts training/models/gh/report.html docs/images/report.png
//   node scripts/shoot-page.ts http://127.0.0.1:8233/namespaces/default/workflows/train-gh docs/images/web-ui.png --wait 6
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { wait: { type: 'string', default: '1' }, width: { type: 'string', default: '1000' }, height: { type: 'string', default: '860' } } })
const [page, picture] = positionals
if (!page || !picture) throw new Error('Expected: node scripts/shoot-page.ts PAGE PICTURE')

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking'] })
try {
  const tab = await browser.newPage({ viewport: { width: Number(values.width), height: Number(values.height) } })
  await tab.goto(/^https?:/.test(page) ? page : `file://${resolve(page)}`)
  await tab.waitForTimeout(1000 * Number(values.wait))
  await tab.screenshot({ path: picture })
} finally {
  await browser.close()
}
