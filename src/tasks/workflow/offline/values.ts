import { guard } from '../../../teacher/noise.ts'
import type { Random } from '../../../teacher/random.ts'
import { hosts, randomWord, tlds, writeValue } from '../../../teacher/values.ts'
import { isReserved } from '../expression.ts'

const list = (text: string) => text.split(' ')

const columns = {
  text: list('status country city region category department name email type state role plan currency language brand color supplier customer product title team owner level source segment priority industry phone zip street vendor carrier warehouse address company manager position shift payment_method delivery_status first_name last_name full_name username nickname gender grade genre author publisher species model make device browser platform campaign topic sentiment location branch office shelf material unit note comment description summary label reason outcome result season venue artist album kind group_name project client contract_type store province county code skill subject course teacher student patient doctor diagnosis ward airline gate seat_class driver route vehicle'),
  number: list('price amount quantity age salary score total revenue cost discount rating stock weight balance points clicks views visits duration size height temperature year month tax fee margin budget hours distance width length speed income profit units sales orders returns visits downloads attempts errors retries latency cpu memory pages votes likes followers goals matches rooms guests nights capacity mileage calories dose bonus rate interest premium deposit credit debt rent shares volume pressure humidity population area depth rank floor unit_price order_total net_amount gross_amount tax_rate lead_time page_views signup_count'),
  date: list('created_at date order_date due_date birthday updated_at signup_date shipped_at last_login timestamp start_date end_date delivered_on expires_at hired_on paid_at opened closed_at arrival departure invoice_date birth_date released published_at'),
  flag: list('active paid verified is_admin deleted shipped subscribed approved archived enabled vip refunded overdue in_stock locked is_test opted_in completed returned employed public'),
  id: list('id user_id customer_id order_id sku product_id email account_id invoice_id employee_id session_id uuid key isbn ticket_id store_id booking_id device_id patient_id reference'),
}
export type ColumnKind = keyof typeof columns

const texts = list('active inactive pending cancelled shipped open closed new old Germany France DE US UK FR Berlin London Paris Tokyo premium gold silver basic free sales engineering marketing support finance EUR USD GBP red blue green black high low medium urgent admin guest editor member north south east west A B C paid unpaid overdue failed done draft published spam test online retail books toys electronics shoes laptop phone monday friday summer winter yes no unknown male female junior senior remote chrome android ios visa paypal cash economy business gmail.com')
const phrases = ['New York', 'San Francisco', 'in progress', 'on hold', 'United States', 'South Korea', 'not started', 'Human Resources', 'credit card', 'out of stock', 'El Paso', 'Los Angeles', 'to do', 'Customer Service', 'bank transfer', 'under review', 'Rio de Janeiro']
const messages = ['done', 'the report is ready', 'import finished', 'something broke', 'no new orders today', 'please have a look', 'daily export is there', 'job failed', 'all good', 'too many rows', 'new data has arrived', 'check the numbers', 'sync complete', 'nothing to do', 'starting', 'finished', 'we are low on stock', 'the upload went wrong', 'pipeline failed', 'data is ready', 'there are new customers', 'file was empty', 'still waiting', 'backup is complete', 'prices were updated']
const channelNames = list('ops sales alerts data team-leads general finance support dev reports analytics warehouse oncall marketing hr billing logistics platform growth security qa design helpdesk incidents')
const folders = list('data input output exports reports tmp archive in out raw clean inbox backup results')
const stems = list('orders customers products users sales employees invoices events transactions inventory tickets payments leads students books movies logs visits prices stores reviews shipments contacts members items accounts survey results people cities patients flights returns subscribers expenses vendors countries summary report totals clean active output sorted unique final top merged ranking')

/** A name as columns have it: half of them are made up, so that a model copies names and does not know them. None is a word that expressions mean something by. */
export function columnName(r: Random, kind: ColumnKind, taken: readonly string[]): string {
  for (;;) {
    const name = r.weighted([
      [() => r.pick(columns[kind]), 6],
      [() => `${r.pick(columns.text)}_${r.pick([...columns.number, ...columns.text, 'name', 'id', 'code', 'at'])}`, 0.4],
      [() => randomWord(r, 3, 7), 2.5],
      [() => `${randomWord(r, 2, 4)}_${randomWord(r, 2, 4)}`, 0.6],
    ] as const)()
    if (!taken.includes(name) && !isReserved(name)) return name
  }
}

export const columnKinds: readonly (readonly [ColumnKind, number])[] = [['text', 4], ['number', 4], ['date', 1], ['id', 1], ['flag', 0.5]]

export const textValue = (r: Random): string => r.weighted([[() => r.pick(texts), 5], [() => r.pick(phrases), 1], [() => writeValue('word', r), 2], [() => randomWord(r, 3, 7), 2], [() => capital(randomWord(r, 3, 7)), 1], [() => randomWord(r, 2, 3).toUpperCase(), 0.7]] as const)()
const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)

export const numberValue = (r: Random): number => r.weighted([[() => r.int(1, 100), 4], [() => r.int(1, 20) * r.pick([10, 50, 100, 1000]), 3], [() => r.int(100, 99_999), 1.5], [() => r.int(1, 99) + r.pick([0.5, 0.25, 0.9, 0.1]), 0.8], [() => 0, 0.4]] as const)()

export const dateValue = (r: Random): string => r.weighted([[() => writeValue('date', r), 4], [() => `${r.int(2015, 2027)}-01-01`, 1]] as const)()

export function fileStem(r: Random): string {
  const name = r.weighted([[() => r.pick(stems), 6], [() => `${r.pick(stems)}${r.pick(['_', '-'])}${r.pick([...stems, String(r.int(2018, 2027)), 'v2', 'old', 'new', 'eu'])}`, 1.2], [() => randomWord(r, 3, 7), 3], [() => `${randomWord(r, 2, 4)}${r.pick(['_', '-'])}${randomWord(r, 2, 4)}`, 0.6]] as const)()
  return r.weighted([[name, 8], [`${r.pick(folders)}/${name}`, 1.4], [`/${r.pick(folders)}/${randomWord(r, 2, 4)}/${name}`, 0.3], [`./${name}`, 0.1]] as const)
}

/** A file as metadata names it; `endings` are the formats that it may have. */
export const metadataFile = (r: Random, endings: readonly string[] = ['csv', 'json']): string => `${fileStem(r)}.${r.pick(endings)}`

export const channelValue = (r: Random): string => r.weighted([[() => `#${r.pick(channelNames)}`, 5], [() => `#${randomWord(r, 3, 6)}`, 2], [() => `#${r.pick(channelNames)}-${r.pick([...channelNames, randomWord(r, 2, 4)])}`, 0.6], [() => writeValue('email', r), 1.2], [() => `@${writeValue('user', r)}`, 1], [() => writeValue('user', r), 1]] as const)()

export const messageValue = (r: Random): string => r.weighted([[() => r.pick(messages), 4], [() => writeValue('query', r).replace(/["']/g, ''), 2], [() => Array.from({ length: r.int(1, 3) }, () => randomWord(r, 2, 6)).join(' '), 1.5]] as const)()

const place = (r: Random) => (r.chance(0.5) ? r.pick([...stems, ...channelNames]) : randomWord(r, 3, 6))

/** Short: an address is copied letter by letter. */
export const urlValue = (r: Random): string => `${r.chance(0.9) ? 'https' : 'http'}://${r.weighted([['', 4], ['api.', 4], ['hooks.', 1], [`${place(r)}.`, 2]] as const)}${r.chance(0.5) ? r.pick(hosts) : randomWord(r, 3, 6)}.${r.pick(tlds)}${r.weighted([[`/${place(r)}`, 6], [`/v${r.int(1, 3)}/${place(r)}`, 1.2], [`/${place(r)}/${place(r)}`, 0.8], [`/${place(r)}/${r.int(1, 999)}`, 0.7], ['', 0.6]] as const)}`

/** A value in words: mostly as it is, sometimes in quotes. Always guarded against noise. */
export const quotedNowAndThen = (value: string, r: Random, share: number): string => (r.chance(share) ? r.pick([`'${guard(value)}'`, `"${guard(value)}"`]) : guard(value))
