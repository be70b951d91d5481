using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.TagHelpers;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>
/// What stands where there is nothing to show yet: the <see cref="Title"/>, what to do next as the content, and a link to it with the
/// attributes of <see cref="AnchorTagHelper"/>.
/// </summary>
[HtmlTargetElement("empty-state")]
public sealed class EmptyStateTagHelper(IHtmlGenerator generator) : AnchorTagHelper(generator)
{
    /// <summary>Such as "No predictions yet".</summary>
    public string Title { get; set; } = "";

    /// <summary>The text of the link.</summary>
    public string Link { get; set; } = "";

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var next = await output.GetChildContentAsync();
        Process(context, output);
        var link = new TagBuilder("a");
        link.AddCssClass("btn btn-primary");
        link.Attributes["href"] = output.Attributes["href"].Value.ToString();
        link.InnerHtml.Append(Link);
        var title = new TagBuilder("p");
        title.AddCssClass("empty-state-title");
        title.InnerHtml.Append(Title);
        output.TagName = "div";
        output.Attributes.Clear();
        output.Attributes.Add("class", "empty-state");
        output.Content.AppendHtml(title).AppendHtml("<p>").AppendHtml(next).AppendHtml("</p>")
            .AppendHtml("""<p class="mb-0">""").AppendHtml(link).AppendHtml("</p>");
    }
}
