// The docs page speaks Chinese: what Swagger UI writes on its buttons and headings, as our operators call it.
(() => {
  const words = {
    "Authorize": "授权", "Available authorizations": "登录", "Authorized": "已授权", "Logout": "退出", "Close": "关闭",
    "Try it out": "试一试", "Try it out ": "试一试", "Cancel": "取消", "Execute": "执行", "Clear": "清除", "Reset": "重置",
    "Parameters": "参数", "No parameters": "没有参数", "Request body": "请求内容", "Responses": "返回", "Server response": "服务返回",
    "Response body": "返回内容", "Response headers": "返回头", "Request URL": "请求地址", "Curl": "命令行", "Download": "下载",
    "Code": "状态码", "Details": "详情", "Description": "说明", "Links": "关联", "No links": "无", "Name": "名称", "Media type": "格式",
    "Example Value": "示例", "Schema": "结构", "Schemas": "数据结构", "Examples": "示例", "required": "必填", "Examples: ": "示例：",
    "Request duration": "用时", "username:": "用户名：", "password:": "密码：", "client_id:": "客户端编号：", "client_secret:": "客户端密钥：",
    "Client credentials location:": "客户端凭证位置：", "Scopes:": "范围：", "Controls Accept header.": "决定返回格式。",
    "Loading": "载入中", "Copied": "已复制", "Copy to clipboard": "复制", "Choose File": "选择文件", "Send empty value": "发送空值",
  };
  const translate = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const chinese = words[node.nodeValue.trim()];
      if (chinese && node.nodeValue !== chinese && !node.parentElement?.closest("code, pre, textarea, .microlight")) node.nodeValue = chinese;
      return;
    }
    if (node.nodeType === Node.ELEMENT_NODE) for (const child of node.childNodes) translate(child);
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData") translate(change.target);
      for (const node of change.addedNodes) translate(node);
    }
  }).observe(document.documentElement, { childList: true, subtree: true, characterData: true });
  translate(document.documentElement);
})();
