// The docs page speaks Chinese: what Swagger UI writes on its buttons and headings, as our operators call it.
(() => {
  const words = {
    "Authorize": "登录", "Available authorizations": "登录", "Authorized": "已登录", "Logout": "退出", "Remove authorization": "退出", "Apply given OAuth2 credentials": "登录", "Close": "关闭", 
    "Try it out": "填写", "Cancel": "取消填写", "Execute": "提交", "Clear": "清除结果", "Reset": "恢复示例", "POST": "办理", "GET": "查询", "PUT": "修改",
    "Parameters": "条件", "No parameters": "不需要填写条件", "Request body": "填写内容", "Responses": "结果", "Server response": "本次结果",
    "Response body": "返回内容", "Response headers": "返回头", "Request URL": "请求地址", "Curl": "命令行", "Download": "下载", "Download file": "下载文件",
    "Code": "代码", "Details": "内容", "Description": "说明", "Links": "关联", "No links": "无", "Name": "名称", "Media type": "格式",
    "Example Value": "示例", "Schema": "字段说明", "Schemas": "数据结构", "Examples": "示例", "Example": "示例", "required": "必填", "* required": "* 必填",
    "Request duration": "用时", "username:": "用户名：", "password:": "密码：", "client_id:": "客户端编号：", "client_secret:": "客户端密钥：",
    "Client credentials location:": "客户端凭证位置：", "Controls Accept header.": "决定返回格式。", "Responses for ": "", "Undocumented": "未列明",
    "Loading": "载入中", "Loading...": "载入中", "Copied": "已复制", "Copy to clipboard": "复制", "Choose File": "选择文件", "Send empty value": "发送空值",
    "Expand all": "全部展开", "Collapse all": "全部收起", "Edit Value": "填写内容", "Failed to fetch.": "连不上服务器，请检查网络后重试。",
    "Errors": "错误", "Hide": "收起", "Show": "展开", "Unlock": "已登录", "Default value": "默认值", "Available values": "可选值",
    "object": "一组字段", "array<object>": "若干组字段", "array<string>": "若干项文字", "array": "若干项", "any": "任意", "Enum": "可选值", "const": "固定为", "string": "文字", "integer": "整数", "boolean": "是或否", "number": "数字", "null": "空", "date": "日期", "uuid": "编号",
  };
  const beginnings = [
    [/^.*invalid_grant.*$/s, "用户名或密码不对，请重新填写。"],
    [/^Error: (Bad Request|Unauthorized|Forbidden|Service Unavailable|Internal Server Error|Network.*)?$/, "登录服务暂时无法使用，请稍后再试。"],
    [/^Error: (response status is )?/, "没有办成："],
    [/^Available values\s*:\s*/, "可选值："], [/^Default value\s*:\s*/, "默认值："], [/^Example\s*:\s*/, "示例："],
    [/^(\d+) ms$/, "$1 毫秒"],
  ];
  const left_alone = "code:not(.flow), pre, textarea, .microlight, .opblock-summary-path, option";
  const chinese = (text) => {
    const exact = words[text.trim()];
    if (exact !== undefined) return exact;
    const begins = beginnings.find(([pattern]) => pattern.test(text));
    return begins ? text.replace(...begins) : text;
  };
  const translate = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (!node.nodeValue.trim() || node.parentElement?.closest(left_alone)) return;
      const is_list = node.nodeValue === "Responses" && !node.parentElement?.closest(".opblock-section-header");
      const said = is_list ? "可能的结果" : chinese(node.nodeValue);
      if (node.nodeValue !== said) node.nodeValue = said;
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    for (const name of ["aria-label", "title", "placeholder"]) {
      const text = node.getAttribute(name);
      if (text && words[text]) node.setAttribute(name, words[text]);
    }
    for (const child of node.childNodes) translate(child);
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData") translate(change.target);
      for (const node of change.addedNodes) translate(node);
    }
  }).observe(document.documentElement, { childList: true, subtree: true, characterData: true });
  translate(document.documentElement);
})();
