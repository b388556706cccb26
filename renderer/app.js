// A plain status page: asks this Mac again and again and shows what it says. All text is set as text, never as HTML.
const pollMs = Number(document.documentElement.dataset.refreshMs)

const place = id => document.getElementById(id)
const ask = async path => {
  const response = await fetch(path)
  if (!response.ok && response.status !== 503) throw new Error(`${path} answered ${response.status}`)
  return response.json()
}

place('endpoint').textContent = `${location.origin}/v1`
refresh()

async function refresh() {
  try {
    const [health, overview, models, macs, requests] = await Promise.all([
      ask('/health'),
      ask('/api/dashboard/overview'),
      ask('/v1/models'),
      ask('/api/dashboard/workers'),
      ask('/api/dashboard/requests?limit=10'),
    ])
    showState(health.status, stateClass[health.status])
    showFigures(overview)
    showModels(models.data, macs)
    showMacs(macs)
    showRequests(requests)
    place('curl').textContent = curlLine(models.data)
  } catch (error) {
    showState(`This Mac does not answer: ${error.message}`, 'bad')
  }
  setTimeout(refresh, pollMs)
}

const stateClass = {
  healthy: 'good',
  online: 'good',
  ready: 'good',
  completed: 'good',
  degraded: 'fair',
  queued: 'fair',
  downloading: 'fair',
  loading: 'fair',
  warming: 'fair',
  draining: 'fair',
  paused: 'fair',
  leaving: 'fair',
  unhealthy: 'bad',
  offline: 'bad',
  failed: 'bad',
}

function showState(text, kind) {
  place('state').textContent = text
  place('state').className = kind ?? ''
}

function showFigures({ workers, requests, throughput, latency }) {
  const figures = [
    ['Macs online', `${workers.online} of ${workers.total}`],
    ['Requests now', requests.active],
    ['Requests in 24 h', requests.total24h],
    ['Tokens per second', throughput.current.toFixed(1)],
    ['Latency', latency.current === null ? '–' : duration(latency.current)],
  ]
  place('figures').replaceChildren(
    ...figures.map(([name, value]) => {
      const figure = document.createElement('div')
      figure.append(cell('dt', name), cell('dd', value))
      return figure
    }),
  )
}

function showModels(models, macs) {
  const hostnames = new Map(macs.map(mac => [mac.workerId, mac.hostname]))
  const rows = models.flatMap(({ id, mesh }) =>
    mesh.workers.map(({ workerId, state, reason }) =>
      row([
        cell('td', id),
        cell('td', reason ? `${state}: ${reason}` : state, stateClass[state]),
        cell('td', hostnames.get(workerId) ?? workerId),
        cell('td', gigabytes(mesh.sizeBytes), 'number'),
        cell('td', mesh.contextTokens.toLocaleString(), 'number'),
      ]),
    ),
  )
  fill('models', rows, 'No Mac has a model yet.')
}

function showMacs(macs) {
  const rows = macs.map(mac =>
    row([
      cell('td', mac.hostname),
      sharingCell(mac),
      cell('td', mac.hardware.chipModel),
      cell(
        'td',
        mac.metrics ? `${mac.metrics.memoryUsedGB.toFixed(1)} of ${mac.hardware.unifiedMemoryGB} GB` : '–',
        'number',
      ),
      cell('td', mac.metrics ? mac.metrics.activeRequests : '–', 'number'),
      cell('td', duration(mac.uptime), 'number'),
    ]),
  )
  fill('macs', rows, 'No Mac has been seen yet.')
}

/** What keeps a Mac from working for the others says more than that it is online. */
function sharingCell({ status, sharing }) {
  if (status === 'offline' || !sharing || sharing.state === 'on')
    return cell('td', status, stateClass[status])
  const until = sharing.untilMs === null ? '' : ` until ${new Date(sharing.untilMs).toLocaleTimeString()}`
  return cell('td', `${sharing.state}${until}: ${sharing.reason}`, stateClass[sharing.state])
}

function showRequests(requests) {
  const rows = requests.map(request =>
    row([
      cell('td', new Date(request.timestamp).toLocaleTimeString()),
      cell('td', request.modelId),
      cell(
        'td',
        request.errorCode ? `${request.status}: ${request.errorCode}` : request.status,
        stateClass[request.status],
      ),
      cell('td', request.tokensGenerated, 'number'),
      cell('td', duration(request.latencyMs), 'number'),
    ]),
  )
  fill('requests', rows, 'Nothing has been asked yet.')
}

function curlLine(models) {
  const ready = models.find(({ mesh }) => mesh.workers.some(({ state }) => state === 'ready'))
  const model = (ready ?? models[0])?.id ?? 'MODEL'
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], stream: true })
  return `curl -N ${location.origin}/v1/chat/completions -H 'content-type: application/json' -d '${body.replaceAll("'", "'\\''")}'`
}

function fill(id, rows, whenEmpty) {
  const empty = cell('td', whenEmpty, 'empty')
  empty.colSpan = 6
  place(id).replaceChildren(...(rows.length > 0 ? rows : [row([empty])]))
}

function row(cells) {
  const element = document.createElement('tr')
  element.append(...cells)
  return element
}

function cell(tag, text, className = '') {
  const element = document.createElement(tag)
  element.textContent = text
  element.className = className ?? ''
  return element
}

function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 120) return `${seconds.toFixed(1)} s`
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`
}

function gigabytes(bytes) {
  return `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 1)} GB`
}
