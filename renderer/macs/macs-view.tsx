import { Empty } from '../ui/empty.tsx'
import { View } from '../ui/view.tsx'

export function MacsView() {
  return (
    <View title="Macs">
      <Empty title="Nothing here yet." />
    </View>
  )
}
