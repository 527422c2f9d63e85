"""What portals put on their pages, in parts that harness/drawn_pages.py draws from by chance.

The order of each table is part of the record: a part that is added changes which parts the pages get.
"""

from __future__ import annotations

TITLES = (
    "滨江三百二十处路口换上新信号灯",
    "北岸水厂昨夜完成管网并网",
    "关于公布数据目录的通知",
    "【独家】渡口老人的四十年",
    "Riverside switches on adaptive signals for the ring road",
    "Harbour bridge to close for three nights",
)
HAN = (
    "滨江市数据局第{}批路口已换上会自己配时的信号灯，早高峰平均等候时间缩短了四分之一。",
    "施工队在江堤下挖了{}天，每天只能在退潮后的四个小时里干活，挖出来的泥要用小船运到对岸。",
    "住在东门外的退休教师秦允之说，以前{}楼的水要半夜才上得来，今早她头一回在七点钟洗了菜。",
    "“第{}条管线的图纸已经画好”，水厂表示，等枯水期一到就动工，费用由市里和水厂各出一半。",
    "三、拨打举报电话。同一处漏水报了{}次仍没有人来，可以打市里的举报电话，一周之内会有书面的答复。",
)
LATIN = (
    "The {} part of the plan was approved on Monday, and officials said that it should cut waiting times.",
    "Nobody had counted the {} days of ice before that winter, said the engineer who wrote the list by hand.",
    "Cookies were sold at all {} stands of the fair, and the website of the council had the list by noon.",
    "“We waited {} hours for the ferry,” the teacher said; it never came, and so they walked over the bridge.",
)
HEADERS = (
    "<div class=info>2024-05-11 08:42:10 来源：北岸早报 作者：王小明 浏览：{n}</div>",
    "<div>发布时间：2024年5月{d}日 9:05 <span>责任编辑：李雪</span> <span>点击：{n}次</span></div>",
    "<p>成文日期：2024-05-08 发布日期：2024-05-{d} 15:02</p><p>滨江日报</p>",
    "<div><span class=source>滨江日报</span><span class=author>王小明</span><time datetime='2024-05-"
    "{d}T08:00:00+08:00'>5月{d}日</time></div>",
    "<table><tr><td>来源</td><td>滨江晚报</td><td>日期</td><td>2024-05-{d}</td></tr></table>",
    "<div>{d}<br>2024-05</div>",
    "<div>3小时前 阅读 {n}</div>",
    "<p>05-{d} 10:20</p>",
    "<p>By <a rel=author href=/p/doe>Jane Doe</a> and John Roe | May {d}, 2024 10:15 AM EST</p>",
    "<div class=byline>Jane Doe, Health Editor</div><div>Published: {d}/05/2024 | Updated: 14 May 2024 9:20pm</div>",
    "<p>Posted on {d} May 2024 by admin &middot; {n} views</p>",
    "<div>03.05.24</div>",
    "<div class=share-bar><a href=#>微博</a> <a href=#>微信</a></div><p>王小明</p>",
    "<span class='icon-eye'></span><span>{n}</span> <em>2024-05-{d}</em>",
    "<p>文｜王小明　编辑｜李雪</p>",
    "<p>【记者王小明／滨江报導】</p>",
    "<div>2024-05-{d} 08:42:32{n} 滨江网</div>",
    "<p>滨江民报 (2024-05-{d} 18:26)</p>",
    "<div>人气：{n} 文章：12 粉丝 88</div>",
    "<p>来源：<b>滨江</b>日报 <font>记者</font> <span>王小明</span><i>2024-05-{d}</i></p>",
    "<div><a href=/author/doe/>Jane Doe</a> <span>May {d}, 2024</span></div>",
    "<div>原创</div><div><span>王小明</span><span>滨江日报</span></div>",
    "<p>北岸早报 <a href=/z/>专题</a> 更新时间：2024-05-{d} 07:10 来源 采财网 字号：大 中 小</p>",
    "<div><span class=pubtime title='2024-05-{d} 06:05:04'>{d}日</span><span class=hits>{n}</span></div>",
    "<p>渡口人 发表于 2024-5-{d} 8:42</p><p>已被阅读{n}次</p>",
    "<p>北岸晚报（2024-05-{d}）</p>",
    "<p>旧渡口（2024-05-{d} 18:26）</p>",
    "<p>作者：<a href=/u/1>秦允之</a>　来源：<a href=https://www.example.org/>滨江网</a>　{n}人参与</p>",
    "<dl><dt>发布机构：</dt><dd>滨江市数据局</dd><dt>发文日期：</dt><dd>2024年5月{d}日</dd><dt>有效性：</d"
    "t><dd>有效</dd></dl>",
    "<p>{d}.05.2024, 10:15 Uhr</p><p>Written by Jane Doe, John Roe</p>",
    "<p>今天 09:{d}</p><p class=author>滨江发布</p>",
    "<p>王小明　李雪</p><p>滨江日报　05/{d}/2024</p>",
    "<div><em>{n}</em>浏览 <em>3</em>评论</div><time>2024-05-{d}</time>",
    "<h2>江堤下的九天，一个工地的早晨和夜晚</h2><p>2024-05-{d}</p>",
    "<p>摘要：两条输水管昨夜接入城区管网，东门外一带的水压在今晨恢复到平时的水平，第三条管线的图纸已经画好。</p>",
    "",
)
INSETS: tuple[str, ...] = (
    "<div><b>相关新闻</b><ul><li><a href=/1.html>江堤下的九天</a><li><a href=/2.html>水压表的故事</a></ul></div>",
    "<figure><img src=/i/{n}.jpg><figcaption>江堤上的施工队。王小明摄</figcaption></figure>",
    "<p><img data-original=/i/b{n}.png src=/blank.gif alt='江边的信号灯'></p><p>图为新的信号灯</p>",
    "<table><tr><th>路口</th><th>等候</th></tr><tr><td>东门</td><td>{n}秒</td></tr><tr><td>西门</td><t"
    "d>9秒</td></tr></table>",
    "<blockquote><p>水来了，人就来了。</p></blockquote>",
    "<ul><li>第一条 修灯</li><li>第二条 修路</li></ul>",
    "<h2>一、为什么换灯</h2>",
    "<h3>More on this topic</h3><ul><li><a href=/m/1>Signals of the past, a history</a></ul>",
    "<pre>for i in range({n}):\n    lamp(i)</pre>",
    "<p><strong>水厂</strong>说：<em>快了</em>。<a href=/b/{n}>目录</a></p>",
    "<div class=ad>广告：买灯送泡，三天包换。</div>",
    "<p style='display:none'>隐藏的一句话在这里，没有人看得见它的内容。</p>",
    "<p>附件：<a href=/f/list{n}.xlsx>目录.xlsx</a></p>",
    "<p>（记者 王小明）</p>",
    "<p>微信扫一扫 分享到朋友圈</p>",
    "<div class='relative related'><p>这一段在名字奇怪的盒子里，但它仍然是正文的一部分，读者都能看见。</p></div>",
    "<ul><li>one<ul><li>inner<li># two</ul><li>3. three</ul><ol start=4><li>four<li>five</ol><ol><li>six</ol>",
    "<blockquote>水来了</blockquote><blockquote><p>灯亮了</p><ul><li>江 1) 桥</ul></blockquote>",
    "<h3>灯 #</h3><p>“<b>水</b>”，<i>快</i><b>了</b>！<a href='/p(1).html'>[目录]</a></p><pre>a ``` b</pre>",
    "<picture><source srcset='/i/s.jpg 320w, /i/l{n}.jpg 1024w'><img src=/i/s.jpg width=640 alt='江边'></picture>",
    "<p><img src=/i/dot.gif width=1 height=1><img data-src='/i/c{n}.jpg' data-lazy=1 src=/i/load.gif></p>",
    "<p><img src=/i/e{n}.jpg srcset='/i/e1.jpg 1x, /i/e2.jpg 2x' alt=江><img src=/img/logo.png alt='滨江标志'></p>",
    "<div>江水退了三尺<br>路灯亮了一排<br>桥头的人散了<br>船还停在对岸<br>早市还没有开<br>钟敲了五下<br>天"
    "慢慢亮了</div>",
    "<div><a href=/zt/9><div><h4>江堤上的路灯修好了三十盏</h4><p>数据局说，还有九盏等着换灯头。</p></div></a></div>",
    "<div class=gallery><ul><li>/i/1.jpg<li>2024-05-01<li>江边的第一盏灯<li>/i/2.jpg<li>江边的第一盏灯</ul></div>",
    "<div class=qr><img src=/i/qr.png><p>扫码关注滨江日报</p></div><p>点击查看更多</p>",
    "<p>相关阅读：</p><p><a href=/a/3.html>江桥夜里封闭三晚</a></p><p><a href=/a/4.html>桥头的书店搬家了</a></p>",
    "<div class=vote><p>您觉得好不好？</p><label>好</label> <label>不好</label></div>",
    "<p>附件下载</p><ul><li><a href='/down.aspx?name=申报表.doc'>申报表</a><li><a href=/f/{n}.zip title=包"
    ".zip>下载</a></ul>",
    "<noscript><p>打开脚本后，这里会有一段很长的说明文字，告诉读者路口的灯怎样自己配时。</p></noscript>",
    "<p>More on cookies: the council keeps {n} of them.</p><p>关注微信公众号：滨江数据</p>",
    "<p><a href=/b/1>住在东门外的退休教师秦允之说，水要半夜才上得来，今早她头一回在七点钟洗了菜。</a></p>",
)
TAILS: tuple[str, ...] = (
    "<p>责任编辑：李雪</p>",
    "<p>版权声明：未经本网授权，不得转载本网的任何文字和图片。</p>",
    "<p>上一篇：<a href=/n/6.html>江桥开工</a></p><p>下一篇：<a href=/n/8.html>没有了</a></p>",
    "<p><a href=/n/6.html>上一篇稿件</a> <a href=/n/8.html>下一篇：桥头的书店搬家</a></p>",
    "<div><h3>相关阅读</h3><ul><li><a href=/a/1.html>江堤下的路灯修好了三十盏</a><li><a href=/a/2.htm"
    "l>数据局公布维修电话</a></ul></div>",
    "<div><h4>热点推荐</h4><ol><li><a href=/h/1>十大热点新闻之一</a><li><a href=/h/2>十大热点新闻之二</a></ol></div>",
    "<div class=pages><a href=7.html>1</a> <a href=7_2.html>2</a> <a href=7_3.html>3</a> <a href=7_2."
    "html>下一页</a></div>",
    "<div>共3页 <b>1</b> <a href='?page=2'>2</a> <a href='?page=3'>3</a></div>",
    "<script>createPageHTML(3, 0, '7', 'html');</script>",
    "<script>document.write('<script src=/e/public/ViewClick/?classid=1&id={n}&addclick=1></'+'script>')</script>",
    '<script>var art = {{"title": "{t}", "views": {n}, "pubTime": "2024-05-{d} 07:30:00"}};</script>',
    "<ul>{teasers}</ul>",
    "<div id=c>{comments}</div>",
    "<div class=tags>标签：<a href=/t/1>路灯</a> <a href=/t/2>水厂</a></div>",
    "<div><h1>渡口老人的四十年</h1><div>2024-03-01</div><p>渡口还在的时候，江上有七条船，他的那"
    "条排在第四，谁都认得。</p><p>如今桥修好了，船都拖上了岸，他还是每天去江边走一走，看看水位"
    "，记在本子上。</p></div>",
    "<footer><p><a href=/about>关于我们</a> <a href=/map>Site Map</a></p><p>版权所有 滨江新闻网 备案"
    "号12345</p></footer>",
    "<noscript>请打开脚本</noscript>",
    "<form>登录<input type=password></form>",
    "</body></html><div><p>江堤下的管子接好以后，东门外的水压恢复了，居民说夜里也有热水，第三条管线等枯水期"
    "动工。</p></div>",
    "<div><ul><li>下一条：<a href=/n/9.html title='灯下的早市开了'>灯下的早市…</a><li>前一篇：没有了</ul></div>",
    "<a rel=prev href=/n/6.html>江桥开工的第一天</a><a rel=next href=/n/8.html>下一页</a>",
    "<div class=related><dl><dt><a href=/r/1><img src=/i/r.jpg alt='灯下的早市'></a><dd><a href=/r/1>灯下的"
    "早市开了三十年</a></dl></div>",
    "<div id=pages><span>1</span> <a href='show.php?id=70531&page=2'>2</a> <select><option value=7_3.html>"
    "3</select></div>",
    "<a href='javascript:void(0)' onclick=\"location.href='/n/7_2.html'\">下一页</a>",
    "<div><h2>北岸水厂的另一条新闻在这里</h2><p>来源：滨江网 2024-03-02</p><p>渡口还在的时候，江上有七条船"
    "，他的那条排在第四，谁都认得他。</p></div>",
    "<!--enpproperty <articleid>7</articleid><date>2024-05-{d} 02:10:00</date> /enpproperty-->",
    "<script>var d = {{createTime: '17153881{d}', ct = '2024-05-{d} 01:02'}};</script>",
    "<script src='/e/public/ViewClick/?classid=1&id={n}'></script>点击：<span id=hits></span>",
    "<p>编辑：李雪 校对：秦允之 审核：王小明</p><p>来源：北岸日报客户端</p><p>阅读 {n}</p>",
    "<p>Reporting by Jane Doe; Editing by John Roe</p><p>2024-05-{d} 21:40</p>",
    "<div>{copy}</div>",
    "<ul>{cards}</ul>",
    "<div class=hot><h3>排行</h3>{cards}</div>",
    "<link rel=stylesheet href=/s.css><style>@import url(/t.css); body {{ background: url(/i/bg.png) }}</style>",
)
HEADS: tuple[str, ...] = (
    "<meta name=keywords content='路灯,水厂'>",
    "<meta property='og:title' content='{t}'>",
    "<meta property='og:type' content=article>",
    "<meta name=author content='Jane Doe'>",
    "<meta property='article:published_time' content='2024-05-{d}T00:42:10Z'>",
    "<meta property='article:modified_time' content='2024-05-14T02:00:00Z'>",
    "<link rel=canonical href=https://www.example.cn/n/7.html>",
    "<link rel=canonical href=https://m.example.cn/n/7.html>",
    "<link rel=canonical href=https://news.example.cn/>",
    "<link rel=canonical href=https://www.example.com.cn/n/7.html>",
    "<meta name='twitter:label1' content='Written by'><meta name='twitter:data1' content='Mary Major'>",
    "<meta name='og:description' content='水压恢复'><meta name=source content='滨江网'>",
    '<script type=application/ld+json>{{"@graph":[{{"@type":["Report"],"name":"{t}","author":{{"@id":"#a"}},'
    '"dateModified":'
    '"2024-05-1{n}","keywords":"灯;水","articleBody":"第一段的水。第二段的灯。","articleSection":["要闻"]}},{{"@id":"#a","name":'
    '"By John Roe | Riverside Post"}}]}}</script>',
    "<base href=https://www.example.cn/n/>",
    "<meta name=publishdate content='2024-05-{d}'>",
    "<meta property='og:site_name' content='滨江新闻网'>",
    '<script type=application/ld+json>{{"@type":"NewsArticle","headline":"{t}","datePublished":"2024-'
    '05-{d}T08:42:10+08:00","author":[{{"name":"Jane Doe"}},{{"name":"王小明"}}],"publisher":{{"name":"滨'
    '江新闻网"}}}}</script>',
    '<script type=application/ld+json>{{"@type":"BreadcrumbList","itemListElement":[{{"name":"要闻"}},{'
    '{"name":"城建"}}]}}</script>',
)
CRUMBS = (
    "<div class=crumb><a href=/>首页</a> &gt; <a href=/y/>要闻</a> &gt; 正文</div>",
    "<p>当前位置：首页 | 城建 | 稿件</p>",
    "",
)
URLS = (
    "https://www.example.cn/n/7.html",
    "https://www.example.cn/2024/05/11/7.html",
    "https://www.example.cn/",
    "https://www.example.cn/zt/deng/",
    "https://www.example.com/blog/signals-for-the-ring-road/",
    "http://www.example.cn/show.php?id=70531",
    "https://www.example.cn/n/7_2.html",
    "https://example.com.cn/n/7.html",
    "http://www.example.cn/show.php?id=70531&page=2",
)
#: Pages of other kinds, whole.
OTHERS = (
    "<title>安全验证</title><p>请完成验证后继续访问</p><form><input name=code></form>",
    "<title>用户登录</title><form>用户名<input name=u>密码<input type=password><button>登录</button></form"
    "><p>忘记密码</p>",
    "<title>404 Not Found</title><h1>404 Not Found</h1><hr>nginx",
    "<title>{t}</title><h1>{t}</h1><p>2024-05-{d}</p><div id=app></div><script src=/app.js></script>",
    "<title>要闻_滨江新闻网</title><h1>要闻</h1><ul>{teasers}</ul><div>共{d}页 <a href=/y/2>下一页</a></div>",
    "<title>滨江新闻网</title>{cards}{cards}<div>关于我们 联系我们</div>",
    "<title>搜索：路灯</title><form><input name=q></form><p>共找到{n}条结果</p>{cards}",
    "<title>滨江论坛</title><table><tr><th>主题<th>作者<th>回复</tr>{rows}</table>",
    "<title>{t}</title><h1>{t}</h1><p>2024-05-{d} 滨江日报</p><p>{long}</p>",
    "<title>{t}</title><a href=/n/7.html><h1>{t}</h1><p>{long}</p><p>{long}</p></a>",
    "<title>{t}</title><h2>{t}</h2>{posts}",
    "<title>{t}</title><h1>{t}</h1><div>2024-05-{d}</div><div><button>{long}</div>",
    "<title>{t}</title><h1>{t}</h1><div>2024-05-{d}</div>{bubbled}",
    "<title>Just a moment...</title><p>Checking your browser before accessing the site.</p>",
    "<title>{t}</title><h1>{t}</h1><time>May {d}, 2024</time><article>{latin}<h2>Related articles</h2>{car"
    "ds}</article>",
    "<title>{t}</title><h1>{t}</h1><p>来源：滨江网</p><div><p>{long}</p></div><div><h1>又一篇</h1><p>2024-"
    "05-02</p>{bubbled}</div>",
)
