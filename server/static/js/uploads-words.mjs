/** What the page of the upload to the province says, Chinese first. */

export const U = {
  notAdmin: ["评价上报由管理员查看，请换用有权限的账号。", "The upload of ratings is for administrators. Use such an account."],
  off: ["本厅没有开启评价上报。", "This hall uploads no ratings."],
  offText: ["开启方法：在服务器的数据目录里写好 upload.toml，再重启服务器。开启之后产生的评价才会上报。", "To switch it on, write upload.toml in the server's data folder and start the server anew. Ratings given from then on are uploaded."],
  trouble: ["上报设置有问题，改正后重启服务器：", "The setup is not right. Correct it and start the server anew:"],
  waiting: ["等待上报", "Waiting"],
  oldest: ["最早一条", "Oldest given"],
  sentToday: ["今天已上报", "Sent today"],
  toTheHour: ["这些数字截至整点，不随每次评价变动，免得让人看出刚才那位群众评没评。", "Counted up to the full hour: figures that moved with each rating would tell whether the last citizen rated."],
  dead: ["省平台未接收", "Refused"],
  none: ["无", "None"],
  fault: ["有评价暂时没有送到，会自动重试，不会丢：", "Something could not be sent for now. It is tried again by itself, and nothing is lost:"],
  letters: ["省平台未接收的评价", "Refused by the province"],
  lettersText: ["按省平台说的原因补正（多为下面的事项编码），再重报。这里不显示评价等级和内容。", "Mend what the province says, mostly the item codes below, and send again. Neither level nor words of a rating are shown here."],
  empty: ["没有未接收的评价。", "Nothing was refused."],
  key: ["办件编号 · 次数", "Case no. · service"],
  item: ["事项", "Item"],
  noItem: ["未选事项", "No item chosen"],
  reason: ["省平台的原因", "What the province says"],
  when: ["退回时间", "Refused at"],
  retry: ["重报", "Send again"],
  retryAll: ["全部重报", "Send all again"],
  retryTitle: (count) => [`重报全部 ${count} 条？`, `Send all ${count} again?`],
  retryText: ["原因还没有解决的，会再次被退回。", "Those of which the reason still holds will be refused again."],
  retried: (count) => [`已交重报 ${count} 条`, `${count} will be sent again`],
  more: (count) => [`另有 ${count} 条没有列出；您经办过的服务由其他管理员处理。`, `${count} more are not listed; services that you had in hand are another administrator's.`],
  items: ["事项编码", "Item codes"],
  itemsText: ["照省政务服务平台公布的编码填写；不知道就留空，系统不会编造。", "As the province's service platform publishes them. Leave empty what is not known: nothing is made up."],
  missing: (count) => [`还有 ${count} 个事项没有实施编码`, `${count} items have no task code yet`],
  taskCode: ["实施编码（31 位）", "Task code (31 characters)"],
  handleItem: ["业务办理项编码（33 位）", "Handling item code (33 characters)"],
  noItems: ["还没有事项。", "There are no items yet."],
};

/** Faults by the server's word; what is not here is the province's own sentence, or an HTTP status. */
export const FAULTS = {
  timeout: ["等候应答超时", "no answer in time"],
  unreachable: ["连接不上", "no connection"],
  internal: ["这条评价无法打包，请把服务器日志交给维护人员", "a rating cannot be packed: give the server's log to whoever maintains it"],
};
