import { Empty } from '../ui/empty.tsx'
import { View } from '../ui/view.tsx'

export function SettingsView() {
  return (
    <View title="Settings">
      <Empty title="Nothing here yet." />
    </View>
  )
}
