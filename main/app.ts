// Door 1: the Electron app.
import { app } from 'electron'

void app.whenReady()
