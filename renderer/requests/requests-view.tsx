import { Empty } from '../ui/empty.tsx'
import { View } from '../ui/view.tsx'

export function RequestsView() {
  return (
    <View title="Requests">
      <Empty title="Nothing here yet." />
    </View>
  )
}
