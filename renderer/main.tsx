import './style.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { followCore } from './peer/core-state.ts'
import { followPeer } from './peer/mesh-store.ts'
import { welcomeNewcomer } from './peer/welcomed.ts'

const root = document.getElementById('page')
if (!root) throw new Error('the page has no place for its content')

let stop = () => {}
followCore(() => {
  stop()
  stop = followPeer()
})
void welcomeNewcomer()
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
